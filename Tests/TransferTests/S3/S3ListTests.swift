// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Synchronization
import Testing

@testable import Transfer

/// Lists of more than one page.
@Suite struct S3ListTests {
    /// The keys of a bucket that is listed in the order of its keys, a page at a time, as S3 does it.
    private final class Keys: Sendable {
        private let keys: Mutex<Set<String>>

        init(_ keys: some Sequence<String>) { self.keys = Mutex(Set(keys)) }

        func change(_ change: (inout Set<String>) -> Void) { keys.withLock { change(&$0) } }

        /// The page after a key; its token is its last key.
        func page(after token: String?) -> ScriptedServer.Reply {
            let rest = keys.withLock { $0.filter { $0 > token ?? "" } }.sorted()
            let page = rest.prefix(1_000)
            let records = page.map { key in
                "<Contents><Key>\(key)</Key><LastModified>2024-05-24T12:00:00.000Z</LastModified>"
                    + "<ETag>&quot;e&quot;</ETag><Size>1</Size><StorageClass>STANDARD</StorageClass></Contents>"
            }
            return ScriptedServer.page(records.joined(), next: rest.count > 1_000 ? page.last : nil)
        }
    }

    @Test func `keys that come and go between two pages leave every other key listed once`() async throws {
        let staying = (0..<2_500).map { "m\($0 + 10_000)" }
        let keys = Keys(staying + ["m10500-early", "m11500-late"])
        let server = try await ScriptedServer { request, number in
            if number == 1 {
                keys.change { keys in
                    // Before and after the end of the first page; its last key, which the token names, goes too.
                    keys.subtract(["m10500-early", "m11500-late", "m10998"])
                    keys.formUnion(["a-before", "m10600-before", "m11600-behind", "z-behind"])
                }
            }
            let token = URLComponents(string: request.uri)?.queryItems?
                .first { $0.name == "continuation-token" }?.value
            return keys.page(after: token)
        }
        let transport = S3Transport(try S3Settings.scripted(server.port))
        let names = try await transport.list().map(\.path.spelling)
        #expect(server.requests.count == 3)
        #expect(names == (staying + ["m10500-early", "m11600-behind", "z-behind"]).sorted())

        let next = try await transport.list().map(\.path.spelling)
        let now = Set(staying).subtracting(["m10998"])
            .union(["a-before", "m10600-before", "m11600-behind", "z-behind"])
        #expect(next == now.sorted())
    }

    @Test func `a list whose keys are all gone after the first page ends there`() async throws {
        let keys = Keys((0..<1_500).map { "k\($0 + 10_000)" })
        let server = try await ScriptedServer { request, number in
            if number == 1 { keys.change { $0 = [] } }
            return keys.page(after: number == 1 ? "k10999" : nil)
        }
        let transport = S3Transport(try S3Settings.scripted(server.port))
        #expect(try await transport.list().count == 1_000)
        #expect(try await transport.list() == [])
    }
}
