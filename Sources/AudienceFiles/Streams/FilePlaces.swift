// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Putting a finished file under its final name, so that it survives a crash.
enum FilePlaces {
    /// Renames a file inside its folder, replacing what was there.
    static func rename(_ path: String, to newPath: String) throws(AudienceFileError) {
        guard Glibc.rename(path, newPath) == 0 else { throw .writeFailed(errno: errno) }
    }

    /// Waits until the disk knows the names in a folder.
    static func synchronize(folder: String) throws(AudienceFileError) {
        let fileDescriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard fileDescriptor >= 0 else { throw .writeFailed(errno: errno) }
        defer { close(fileDescriptor) }
        guard fsync(fileDescriptor) == 0 else { throw .writeFailed(errno: errno) }
    }
}
