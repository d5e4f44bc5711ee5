// SPDX-License-Identifier: Apache-2.0

import Glibc

extension Folder {
    /// Makes contents appear under a name, whole or not at all.
    ///
    /// - Parameters:
    ///   - payload: The contents.
    ///   - path: The final name.
    ///   - expected: The size and SHA-256 that the contents have.
    ///   - isReplacing: Whether a file with other contents may be replaced.
    ///   - id: What makes the temporary name ours alone.
    ///   - cancellation: Asked before each step and each mebibyte; nothing is visible after it has thrown.
    /// - Returns: Whether it was written now or stood there already.
    /// - Throws: As ``Transport/publish(_:as:expecting:replacing:)`` does.
    func publish(
        _ payload: Payload,
        as path: RemotePath,
        expecting expected: Fingerprint,
        replacing isReplacing: Bool,
        id: String,
        cancellation: Cancellation
    ) throws(TransferError) -> Publication {
        let source = try PayloadSource(payload)
        guard source.byteCount == expected.byteCount else {
            throw .sizeDiffers(path, expected: expected.byteCount, actual: source.byteCount)
        }
        let folder = try open(path.folder, isMaking: true)
        switch try standing(at: path, in: folder, comparedWith: expected, cancellation) {
        case .same: return try confirmed(.alreadyThere, in: folder, at: path)
        case .other where !isReplacing: throw .exists(path)
        case .other, .nothing: break
        }

        let name = Folder.temporaryName(id)
        let file = try makeTemporary(name, in: folder, at: path)
        var isTemporary = true
        defer {
            if isTemporary { _ = unlinkat(folder.number, FileDescriptor.cString(name), 0) }
        }
        try fill(file, from: source, expecting: expected, at: path, cancellation)
        try verify(file, expecting: expected, at: path, cancellation)
        try cancellation.check()
        do throws(SystemError) {
            try rename(name, to: path.nameBytes, from: folder, into: folder, replacing: isReplacing)
        } catch {
            guard error.number == EEXIST else { throw failure(error, during: .rename, at: path) }
            // Somebody else published under the name in the meantime.
            guard try standing(at: path, in: folder, comparedWith: expected, cancellation) == .same else {
                throw .exists(path)
            }
            return try confirmed(.alreadyThere, in: folder, at: path)
        }
        isTemporary = false
        return try confirmed(.published, in: folder, at: path)
    }
}

extension Folder {
    private enum Standing {
        case nothing
        case same
        case other
    }

    /// What stands under a name: nothing, the expected contents or others.
    private func standing(
        at path: RemotePath,
        in folder: FileDescriptor,
        comparedWith expected: Fingerprint,
        _ cancellation: Cancellation
    ) throws(TransferError) -> Standing {
        do throws(SystemError) {
            guard let status = try status(of: path.nameBytes, in: folder) else { return .nothing }
            guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError(ELOOP) }
            guard Int(status.st_size) == expected.byteCount else { return .other }
        } catch {
            throw error.number == ELOOP ? .notAFile(path) : failure(error, during: .open, at: path)
        }
        let found = try fingerprint(of: openFile(path).file, at: path, cancellation)
        return found == expected ? .same : .other
    }

    private func fill(
        _ file: FileDescriptor,
        from source: PayloadSource,
        expecting expected: Fingerprint,
        at path: RemotePath,
        _ cancellation: Cancellation
    ) throws(TransferError) {
        var hasher = ContentHasher()
        var buffer = [UInt8](repeating: 0, count: min(FileDescriptor.chunkByteCount, expected.byteCount + 1))
        var position = 0
        while true {
            try cancellation.check()
            let count = try source.read(into: &buffer, at: position)
            guard count > 0 else { break }
            position += count
            hasher.update(buffer[..<count])
            do throws(SystemError) {
                try file.write(buffer[..<count])
            } catch {
                throw failure(error, during: .write, at: path)
            }
        }
        try hasher.finish().confirm(expected, at: path)
        try cancellation.check()
        do throws(SystemError) {
            try file.flush()
        } catch {
            throw failure(error, during: .flush, at: path)
        }
    }

    /// Reads back what was written, from the storage rather than from memory where the system allows.
    private func verify(
        _ file: FileDescriptor,
        expecting expected: Fingerprint,
        at path: RemotePath,
        _ cancellation: Cancellation
    ) throws(TransferError) {
        _ = posix_fadvise(file.number, 0, 0, POSIX_FADV_DONTNEED)
        try fingerprint(of: file, at: path, cancellation).confirm(expected, at: path)
    }

    private func fingerprint(
        of file: FileDescriptor,
        at path: RemotePath,
        _ cancellation: Cancellation
    ) throws(TransferError) -> Fingerprint {
        var hasher = ContentHasher()
        var buffer = [UInt8](repeating: 0, count: FileDescriptor.chunkByteCount)
        var position = 0
        while true {
            try cancellation.check()
            let count: Int
            do throws(SystemError) {
                count = try file.read(into: &buffer, at: position)
            } catch {
                throw failure(error, during: .read, at: path)
            }
            guard count > 0 else { return hasher.finish() }
            hasher.update(buffer[..<count])
            position += count
        }
    }

    private func confirmed(
        _ publication: Publication,
        in folder: FileDescriptor,
        at path: RemotePath
    ) throws(TransferError) -> Publication {
        do throws(SystemError) {
            try folder.flushFolder()
            return publication
        } catch {
            throw failure(error, during: .flush, at: path)
        }
    }
}

extension Fingerprint {
    /// Confirms that contents are those expected.
    fileprivate func confirm(_ expected: Fingerprint, at path: RemotePath) throws(TransferError) {
        guard byteCount == expected.byteCount else {
            throw .sizeDiffers(path, expected: expected.byteCount, actual: byteCount)
        }
        guard sha256 == expected.sha256 else { throw .checksumDiffers(path) }
    }
}
