// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

@testable import Transfer

/// A directory of its own for one test, deleted when the test drops it.
final class AccountFolder: Sendable {
    let path: String
    private let counter = Atomic<Int>(0)

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "transfer-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// A way to the directory, with counted temporary names.
    func transport(_ name: String = "test") -> FolderTransport {
        FolderTransport(root: path) { [self] in
            "\(name)-\(counter.add(1, ordering: .relaxed).newValue)"
        }
    }

    /// Puts a file where a partner would.
    func put(_ contents: String, at name: String) throws {
        let file = "\(path)/\(name)"
        let folder = (file as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(contents.utf8).write(to: URL(filePath: file))
    }

    /// What stands in the directory, hidden names included.
    func names() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
    }

    func contents(of name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: "\(path)/\(name)")), as: UTF8.self)
    }
}

extension Transport {
    /// Publishes a text.
    @discardableResult
    func publish(_ text: String, as path: String, replacing isReplacing: Bool = false)
        async throws(TransferError)
        -> Publication
    {
        let bytes = Array(text.utf8)
        return try await publish(
            .bytes(bytes),
            as: RemotePath(path),
            expecting: Fingerprint(of: bytes),
            replacing: isReplacing
        )
    }

    /// Reads a whole file.
    func contents(of path: RemotePath) async throws(TransferError) -> [UInt8] {
        let reader = try await read(path)
        var bytes: [UInt8] = []
        while let chunk = try await reader.next() { bytes += chunk }
        await reader.close()
        return bytes
    }
}
