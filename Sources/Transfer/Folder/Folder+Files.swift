// SPDX-License-Identifier: Apache-2.0

import Glibc

extension Folder {
    /// Gives a regular file another name; never replaces a file.
    func move(_ path: RemotePath, to destination: RemotePath) throws(TransferError) {
        let source = try open(path.folder)
        do throws(SystemError) {
            guard let status = try status(of: path.nameBytes, in: source) else { throw SystemError(ENOENT) }
            guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError(ELOOP) }
        } catch {
            throw error.number == ELOOP ? .notAFile(path) : failure(error, during: .rename, at: path)
        }
        let target = try open(destination.folder, isMaking: true)
        do throws(SystemError) {
            try rename(
                path.nameBytes,
                to: destination.nameBytes,
                from: source,
                into: target,
                replacing: false
            )
            try target.flushFolder()
            try source.flushFolder()
        } catch {
            throw error.number == EEXIST
                ? .exists(destination) : failure(error, during: .rename, at: path)
        }
    }

    /// Deletes a regular file; a name that is not there counts as deleted.
    func delete(_ path: RemotePath) throws(TransferError) {
        let folder: FileDescriptor
        do {
            folder = try open(path.folder)
        } catch .notFound {
            return
        }
        do throws(SystemError) {
            guard let status = try status(of: path.nameBytes, in: folder) else { return }
            guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError(ELOOP) }
            guard unlinkat(folder.number, FileDescriptor.cString(path.nameBytes), 0) == 0 || errno == ENOENT
            else {
                throw SystemError()
            }
            try folder.flushFolder()
        } catch {
            throw error.number == ELOOP ? .notAFile(path) : failure(error, during: .delete, at: path)
        }
    }

    /// The bytes that the root's file system still has for us.
    func freeBytes() throws(TransferError) -> Int {
        let root = try openRoot()
        var status = statvfs()
        guard fstatvfs(root.number, &status) == 0 else {
            throw failure(SystemError(), during: .measure, at: nil)
        }
        return Int(
            clamping: UInt(status.f_bavail).multipliedReportingOverflow(by: UInt(status.f_frsize))
                .partialValue
        )
    }
}
