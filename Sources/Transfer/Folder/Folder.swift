// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A directory of this machine as an account's root, worked on with blocking calls.
///
/// The root's own path may lead through symbolic links; below the root none is followed, each folder is opened by
/// its name in the folder before. So no path, whatever happens at the same time, leads out of the root.
struct Folder: Sendable {
    /// The root's path on this machine.
    let root: String

    /// The mode of the files that we write, less the process's `umask`.
    var fileMode: mode_t = 0o640

    /// Files and folders, ignored ones included, that a list takes.
    var entryLimit = 100_000

    /// Folders inside folders that a list enters.
    var depthLimit = 4

    /// Opens the root.
    func openRoot() throws(TransferError) -> FileDescriptor {
        do throws(SystemError) {
            return try FileDescriptor.opening(path: root, O_RDONLY | O_DIRECTORY)
        } catch {
            throw switch error.number {
            case ENOENT, ENOTDIR: .vanished(errno: error.number)
            default: TransferError(error, during: .open, at: nil)
            }
        }
    }

    /// Opens a folder below the root, made where it is missing and that is asked for.
    func open(_ folder: RemotePath?, isMaking: Bool = false) throws(TransferError) -> FileDescriptor {
        var current = try openRoot()
        guard let folder else { return current }
        for component in folder.components {
            do throws(SystemError) {
                current = try step(into: component, from: current, isMaking: isMaking)
            } catch {
                throw failure(error, during: isMaking ? .makeFolder : .open, at: folder)
            }
        }
        return current
    }

    /// Opens a regular file and says what the system knows about it.
    func openFile(_ path: RemotePath) throws(TransferError) -> (file: FileDescriptor, status: stat) {
        let folder = try open(path.folder)
        do throws(SystemError) {
            let file = try FileDescriptor.opening(path.nameBytes, in: folder.number, O_RDONLY | O_NONBLOCK)
            let status = try file.status()
            guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError(ELOOP) }
            return (file, status)
        } catch {
            // A symbolic link or a folder, or a socket.
            let isOther = error.number == ELOOP || error.number == ENXIO
            throw isOther ? .notAFile(path) : failure(error, during: .open, at: path)
        }
    }

    /// What the system knows about a name in a folder, nothing where it does not exist; links are not followed.
    func status(of name: [UInt8], in folder: FileDescriptor) throws(SystemError) -> stat? {
        var status = stat()
        guard fstatat(folder.number, FileDescriptor.cString(name), &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            let number = errno
            guard number == ENOENT else { throw SystemError(number) }
            return nil
        }
        return status
    }

    /// Turns an `errno` below the root into a transfer error; where the root itself is gone, it says that.
    func failure(
        _ error: SystemError,
        during operation: TransferError.Operation,
        at path: RemotePath?
    ) -> TransferError {
        var status = stat()
        if error.number == ENOENT, stat(root, &status) != 0 {
            return .vanished(errno: ENOENT)
        }
        return TransferError(error, during: operation, at: path)
    }

    private func step(
        into name: [UInt8],
        from folder: FileDescriptor,
        isMaking: Bool
    ) throws(SystemError) -> FileDescriptor {
        do {
            return try FileDescriptor.opening(name, in: folder.number, O_RDONLY | O_DIRECTORY)
        } catch {
            guard isMaking, error.number == ENOENT else { throw error }
        }
        let mode = fileMode | (fileMode & 0o444) >> 2
        guard mkdirat(folder.number, FileDescriptor.cString(name), mode) == 0 || errno == EEXIST else {
            throw SystemError()
        }
        try folder.flushFolder()
        return try FileDescriptor.opening(name, in: folder.number, O_RDONLY | O_DIRECTORY)
    }
}

extension TransferError {
    /// Sorts an `errno` into the cases that a person can act on.
    init(_ error: SystemError, during operation: Operation, at path: RemotePath?) {
        self =
            switch (error.number, path) {
            case (EACCES, _), (EPERM, _): .denied(path, errno: error.number)
            case (EROFS, _): .readOnly
            case (ENOSPC, _), (EDQUOT, _): .full(errno: error.number)
            case (ESTALE, _), (ENODEV, _), (ENXIO, _), (ENOTCONN, _): .vanished(errno: error.number)
            case (ENOENT, let path?): .notFound(path)
            case (ENOENT, nil): .vanished(errno: error.number)
            case (ENAMETOOLONG, let path?): .unusablePath(path.spelling)
            case (ENOTDIR, let path?), (ELOOP, let path?): .notAFolder(path)
            default: .system(operation, path, errno: error.number)
            }
    }
}
