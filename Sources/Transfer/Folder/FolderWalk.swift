// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A walk over an account's folders, from the outermost inwards, within the bounds of a list.
///
/// Hidden folders and symbolic links are not entered.
struct FolderWalk {
    /// A name that the walk came by.
    struct Entry {
        let name: [UInt8]
        let path: RemotePath
        let parent: FileDescriptor
        let status: stat

        /// Why a folder can not be entered, nothing for everything else.
        var obstacle: TransferError?

        var isRegularFile: Bool { status.st_mode & S_IFMT == S_IFREG }
    }

    private let folder: Folder
    private let cancellation: Cancellation
    private var entryCount = 0

    /// When each folder had last changed before it was looked into, in nanoseconds since 1970-01-01 UTC.
    private(set) var folderTimes: [RemotePath?: Int] = [:]

    init(folder: Folder, cancellation: Cancellation) {
        self.folder = folder
        self.cancellation = cancellation
    }

    /// Shows every name below a folder, except those of folders that can be entered.
    mutating func visit(
        from path: RemotePath?,
        _ show: (Entry) throws(TransferError) -> Void
    ) throws(TransferError) {
        try visit(folder.open(path), at: path, depth: 0, show)
    }

    private mutating func visit(
        _ directory: FileDescriptor,
        at parent: RemotePath?,
        depth: Int,
        _ show: (Entry) throws(TransferError) -> Void
    ) throws(TransferError) {
        try cancellation.check()
        folderTimes[parent] = try? directory.status().modifiedNanoseconds
        let prefix = parent.map { $0.bytes + [UInt8(ascii: "/")] } ?? []
        for name in try names(in: directory, at: parent) {
            let path = try RemotePath(bytes: prefix + name)
            let found: stat?
            do throws(SystemError) {
                found = try folder.status(of: name, in: directory)
            } catch {
                throw folder.failure(error, during: .list, at: path)
            }
            // Deleted or renamed since its name was read: not there.
            guard let status = found else { continue }
            var entry = Entry(name: name, path: path, parent: directory, status: status)
            guard status.st_mode & S_IFMT == S_IFDIR else {
                try show(entry)
                continue
            }
            guard name.first != UInt8(ascii: ".") else { continue }
            guard depth < folder.depthLimit else { throw .tooDeep(path, limit: folder.depthLimit) }
            let inner: FileDescriptor
            do throws(SystemError) {
                inner = try FileDescriptor.opening(name, in: directory.number, O_RDONLY | O_DIRECTORY)
            } catch {
                guard ![ENOENT, ENOTDIR, ELOOP].contains(error.number) else { continue }
                entry.obstacle = folder.failure(error, during: .list, at: path)
                guard case .denied = entry.obstacle else {
                    throw folder.failure(error, during: .list, at: path)
                }
                try show(entry)
                continue
            }
            try visit(inner, at: path, depth: depth + 1, show)
        }
    }

    /// The names in a folder, without `.` and `..`, in no order.
    private mutating func names(
        in directory: FileDescriptor,
        at path: RemotePath?
    ) throws(TransferError) -> [[UInt8]] {
        let second = fcntl(directory.number, F_DUPFD_CLOEXEC, 0)
        guard second >= 0, let stream = fdopendir(second) else {
            let error = SystemError()
            if second >= 0 { _ = close(second) }
            throw folder.failure(error, during: .list, at: path)
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                let number = errno
                guard number == 0 else { throw folder.failure(SystemError(number), during: .list, at: path) }
                return names
            }
            let name = FolderWalk.name(of: entry)
            guard !name.elementsEqual(".".utf8), !name.elementsEqual("..".utf8) else { continue }
            entryCount += 1
            guard entryCount <= folder.entryLimit else { throw .tooManyFiles(limit: folder.entryLimit) }
            names.append(name)
        }
    }

    /// The name of a directory entry, whose record ends with the name and may be shorter than its type.
    private static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
        guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return [] }
        let start = UnsafeRawPointer(entry).advanced(by: offset)
        let length = strlen(start.assumingMemoryBound(to: CChar.self))
        return Array(UnsafeRawBufferPointer(start: start, count: length))
    }
}
