// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings

@testable import Transfer

/// Contents that are long enough to be interrupted, and not the same anywhere.
let longContents = noise(32 << 20, seed: 11)

extension Transport {
    /// Publishes the long contents.
    func publishLong(as name: String = "a") async throws(TransferError) -> Publication {
        try await publish(
            .bytes(longContents),
            as: RemotePath(name),
            expecting: Fingerprint(of: longContents)
        )
    }
}

extension SFTPAccountUnderTest {
    /// An account on the shared server that is reached through a proxy.
    convenience init(through proxy: FaultyProxy, change: (inout SFTPSettings) -> Void = { _ in }) throws {
        try self.init(on: SFTPServer.shared.get(), port: proxy.port, change: change)
    }

    /// How far the temporary file of an upload has come.
    func partSize() throws -> Int {
        guard let part = try files().first(where: { $0.spelling.hasSuffix(".part") }) else { return 0 }
        var status = stat()
        return stat("\(folder.path)/\(part.spelling)", &status) == 0 ? Int(status.st_size) : 0
    }
}

extension Result where Failure == TransferError {
    init(_ work: () async throws(TransferError) -> Success) async {
        do throws(TransferError) {
            self = .success(try await work())
        } catch {
            self = .failure(error)
        }
    }
}
