// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A disk with room for so many bytes.
final class FullDisk {
    var byteCount: Int

    init(byteCount: Int) {
        self.byteCount = byteCount
    }

    func write(_ fileDescriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        guard byteCount > 0 else {
            errno = ENOSPC
            return -1
        }
        let written = Glibc.write(fileDescriptor, bytes, min(count, byteCount))
        byteCount -= max(written, 0)
        return written
    }
}
