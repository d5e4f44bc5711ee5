// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A small file system in memory, mounted where only a child process of ours sees it.
///
/// The child sits in a mount namespace of its own. This process looks into it through `/proc`; programs that shall see
/// the disk at its mount point are started through ``entrance``. The child ends when its input closes, and the
/// disk with it, so that nothing stays mounted however a test ends.
package final class SmallDisk {
    /// Where this process sees the disk.
    package let path: String

    /// What to put before a command so that it sees the disk at its mount point.
    package let entrance: [String]

    private let child: Process
    private let input: FileHandle
    private let output: FileHandle

    /// Mounts a disk.
    ///
    /// - Parameters:
    ///   - mountPoint: A folder; what it holds is hidden from programs started through ``entrance``.
    ///   - options: The mount's options, like `size=1m`.
    /// - Returns: The disk; `nil` where the system does not let us mount one.
    /// - Throws: What the system answers when the child can't be started.
    package static func mounted(at mountPoint: String = "/mnt", options: String) throws -> SmallDisk? {
        let child = Process()
        let input = Pipe()
        let output = Pipe()
        let script = """
            mount -t tmpfs -o "$2" none "$1" && echo mounted || exit 1
            while read -r options; do mount -o "remount,$options" none "$1" && echo mounted || exit 1; done
            """
        let isRoot = geteuid() == 0
        child.executableURL = URL(filePath: "/usr/bin/env")
        child.arguments = ["unshare", isRoot ? "-m" : "-Urm", "sh", "-c", script, "sh", mountPoint, options]
        child.standardInput = input
        child.standardOutput = output
        child.standardError = FileHandle.nullDevice
        try child.run()
        try output.fileHandleForWriting.close()
        let disk = SmallDisk(child, mountPoint, isRoot, input, output)
        return disk.isMounted ? disk : nil
    }

    private init(_ child: Process, _ mountPoint: String, _ isRoot: Bool, _ input: Pipe, _ output: Pipe) {
        self.child = child
        self.input = input.fileHandleForWriting
        self.output = output.fileHandleForReading
        let number = child.processIdentifier
        path = "/proc/\(number)/root\(mountPoint)"
        entrance =
            ["nsenter", "--target", "\(number)", "--mount"]
            + (isRoot ? ["--"] : ["--user", "--preserve-credentials", "--"])
    }

    deinit {
        try? input.close()
        child.waitUntilExit()
    }

    /// Mounts the disk again with other options, like `size=8m` or `ro`.
    ///
    /// - Returns: Whether the system did.
    package func remount(_ options: String) throws -> Bool {
        try input.write(contentsOf: Data("\(options)\n".utf8))
        return isMounted
    }

    /// Makes the disk so small that only so much stays free, in bytes.
    ///
    /// - Returns: Whether the system did.
    package func leave(free byteCount: Int) throws -> Bool {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return false }
        let used = Int(status.f_blocks - status.f_bfree) * Int(status.f_frsize)
        return try remount("size=\(used + byteCount)")
    }

    /// The shell's answer, or the end of its output where it could not mount.
    private var isMounted: Bool {
        output.availableData.starts(with: Data("mounted".utf8))
    }
}
