// SPDX-License-Identifier: Apache-2.0

import Glibc

extension Folder {
    /// The name of one of our files on its way, which lists leave out.
    static func temporaryName(_ id: String) -> [UInt8] {
        precondition(
            !id.isEmpty && id.utf8.count <= 200 && !id.contains("/"),
            "a temporary name needs a plain ID"
        )
        return temporaryPrefix + Array(id.utf8) + temporarySuffix
    }

    /// Makes an empty temporary file that no other run takes for a leftover.
    ///
    /// The run holds a lock on it until the file has its final name; the system lets go of the lock when the process
    /// ends, however it ends.
    func makeTemporary(
        _ name: [UInt8],
        in folder: FileDescriptor,
        at path: RemotePath
    ) throws(TransferError) -> FileDescriptor {
        do throws(SystemError) {
            for _ in 0..<8 {
                if let file = try makeLocked(name, in: folder) { return file }
                // A leftover has the name, or another run took the new file for one: make way, once more.
                _ = try removeLeftover(name, in: folder)
            }
            throw SystemError(EBUSY)
        } catch {
            throw failure(error, during: .write, at: path)
        }
    }

    /// Makes and locks a file, nothing where the name is taken or was taken away between these calls.
    private func makeLocked(_ name: [UInt8], in folder: FileDescriptor) throws(SystemError) -> FileDescriptor?
    {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.opening(
                name,
                in: folder.number,
                O_RDWR | O_CREAT | O_EXCL,
                mode: fileMode
            )
        } catch {
            guard error.number == EEXIST else { throw error }
            return nil
        }
        // A file system without locks only loses the protection from a removal at the same time.
        guard flock(file.number, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else { return nil }
        return try file.status().st_nlink > 0 ? file : nil
    }

    /// Deletes the temporary files that no living run holds, in all folders that a list enters.
    ///
    /// - Returns: How many were deleted.
    func removeLeftovers(cancellation: Cancellation) throws(TransferError) -> Int {
        var count = 0
        var walk = FolderWalk(folder: self, cancellation: cancellation)
        try walk.visit(from: nil) { (entry) throws(TransferError) in
            guard Folder.isTemporaryName(entry.name), entry.isRegularFile else { return }
            do throws(SystemError) {
                if try removeLeftover(entry.name, in: entry.parent) { count += 1 }
            } catch {
                throw failure(error, during: .delete, at: entry.path)
            }
        }
        return count
    }

    private static let temporaryPrefix = Array(".tallystick-".utf8)
    private static let temporarySuffix = Array(".part".utf8)

    private static func isTemporaryName(_ name: [UInt8]) -> Bool {
        name.starts(with: temporaryPrefix)
            && name.suffix(temporarySuffix.count).elementsEqual(temporarySuffix)
    }

    /// Deletes a temporary file unless a living run holds it or it belongs to somebody else.
    private func removeLeftover(_ name: [UInt8], in folder: FileDescriptor) throws(SystemError) -> Bool {
        do throws(SystemError) {
            let file = try FileDescriptor.opening(name, in: folder.number, O_RDWR | O_NONBLOCK)
            guard flock(file.number, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else { return false }
            guard unlinkat(folder.number, FileDescriptor.cString(name), 0) == 0 else { throw SystemError() }
            return true
        } catch {
            guard ![ENOENT, EACCES, EPERM].contains(error.number) else { return false }
            throw error
        }
    }
}
