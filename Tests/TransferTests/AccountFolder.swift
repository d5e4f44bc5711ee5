// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

@testable import Transfer

/// A directory of its own for one test, deleted when the test drops it.
final class AccountFolder: Sendable {
    let path: String
    private let owner: uid_t?
    private let counter = Atomic<Int>(0)

    /// Makes a directory.
    ///
    /// - Parameters:
    ///   - parent: Where it is made, the system's place for temporary files if nothing is given.
    ///   - owner: Whom it and everything put there belongs to, us if nobody is given.
    /// - Throws: What the system says where it can not be made.
    init(in parent: String? = nil, owner: uid_t? = nil) throws {
        let parent = parent ?? FileManager.default.temporaryDirectory.path
        path = "\(parent)/transfer-\(UUID())"
        self.owner = owner
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        handOver(path)
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
        try put(Array(contents.utf8), at: RemotePath(name))
    }

    /// Puts a file where a partner would.
    func put(_ contents: [UInt8], at file: RemotePath) throws {
        var folder = path
        for component in file.components.dropLast() {
            folder += "/" + String(decoding: component, as: UTF8.self)
            if mkdir(folder, 0o755) == 0 { handOver(folder) }
        }
        let descriptor = open(localPath(file), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        if let owner { _ = fchown(descriptor, owner, 0) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try handle.write(contentsOf: contents)
    }

    /// What stands in the directory, folders and hidden names included.
    func names() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
    }

    /// All files below the directory, hidden names included, sorted.
    func files() throws -> [RemotePath] {
        try Folder(root: path).everything()
    }

    func contents(of name: String) throws -> String {
        String(decoding: try contents(of: RemotePath(name)), as: UTF8.self)
    }

    func contents(of file: RemotePath) throws -> [UInt8] {
        let descriptor = open(localPath(file), O_RDONLY)
        guard descriptor >= 0 else { throw CocoaError(.fileReadUnknown) }
        return Array(try FileHandle(fileDescriptor: descriptor, closeOnDealloc: true).readToEnd() ?? Data())
    }

    /// Sets a file's time back.
    func age(_ file: RemotePath, bySeconds seconds: Int) throws {
        var times = [timespec(), timespec()]
        for index in 0..<2 {
            clock_gettime(CLOCK_REALTIME, &times[index])
            times[index].tv_sec -= seconds
        }
        guard utimensat(AT_FDCWD, localPath(file), &times, 0) == 0 else {
            throw CocoaError(.fileWriteUnknown)
        }
    }

    /// A file's path on this machine as the system takes it.
    private func localPath(_ file: RemotePath) -> [CChar] {
        FileDescriptor.cString(Array(path.utf8) + [UInt8(ascii: "/")] + file.bytes)
    }

    private func handOver(_ path: String) {
        if let owner { _ = chown(path, owner, 0) }
    }
}

extension Folder {
    /// All regular files, whatever their names.
    fileprivate func everything() throws -> [RemotePath] {
        var files: [RemotePath] = []
        var walk = FolderWalk(folder: self, cancellation: Cancellation())
        try walk.visit(from: nil) { entry in
            if entry.isRegularFile { files.append(entry.path) }
        }
        return files.sorted()
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
