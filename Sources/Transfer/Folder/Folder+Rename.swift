// SPDX-License-Identifier: Apache-2.0

import Glibc

extension Folder {
    /// Gives a file another name; without replacing, an existing name fails with `EEXIST`.
    func rename(
        _ name: [UInt8],
        to newName: [UInt8],
        from source: FileDescriptor,
        into target: FileDescriptor,
        replacing isReplacing: Bool
    ) throws(SystemError) {
        let old = FileDescriptor.cString(name)
        let new = FileDescriptor.cString(newName)
        if isReplacing {
            guard renameat(source.number, old, target.number, new) == 0 else { throw SystemError() }
            return
        }
        if let renameWithoutReplacing {
            if renameWithoutReplacing(source.number, old, target.number, new, 1) == 0 { return }
            let number = errno
            guard [EINVAL, ENOSYS, ENOTSUP].contains(number) else { throw SystemError(number) }
        }
        try link(old, to: new, from: source, into: target)
    }

    /// The next best where the file system can not rename without replacing: a second name, then less the first.
    private func link(
        _ old: [CChar],
        to new: [CChar],
        from source: FileDescriptor,
        into target: FileDescriptor
    ) throws(SystemError) {
        if linkat(source.number, old, target.number, new, 0) == 0 {
            guard unlinkat(source.number, old, 0) == 0 else { throw SystemError() }
            return
        }
        let number = errno
        guard [EPERM, ENOSYS, ENOTSUP].contains(number) else { throw SystemError(number) }
        // No links either (FAT, some network folders): look, then rename.
        var status = stat()
        guard fstatat(target.number, new, &status, AT_SYMLINK_NOFOLLOW) != 0 else {
            throw SystemError(EEXIST)
        }
        guard renameat(source.number, old, target.number, new) == 0 else { throw SystemError() }
    }
}

/// `renameat2` (Linux 3.15, flag 1 is `RENAME_NOREPLACE`), which the Glibc module does not show.
private typealias RenameWithoutReplacing =
    @convention(c) (
        Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
    ) -> Int32

private let renameWithoutReplacing = dlsym(nil, "renameat2").map {
    unsafeBitCast($0, to: RenameWithoutReplacing.self)
}
