// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A file system of one mebibyte in memory, mounted where only a child process of ours sees it.
///
/// The child sits in a mount namespace of its own and is looked into through `/proc`. It ends when its input closes.
final class SmallDisk {
    let path: String
    private let child: Process
    private let input: Pipe

    private init(path: String, child: Process, input: Pipe) {
        self.path = path
        self.child = child
        self.input = input
    }

    deinit {
        try? input.fileHandleForWriting.close()
        child.waitUntilExit()
    }

    /// Mounts a disk, or cancels the test with the reason where the system does not let us.
    static func mounted(options: String) throws -> SmallDisk {
        let child = Process()
        let input = Pipe()
        let output = Pipe()
        let script = "mount -t tmpfs -o \(options) none /mnt && echo mounted && exec cat >/dev/null"
        child.executableURL = URL(filePath: "/usr/bin/env")
        child.arguments = ["unshare", geteuid() == 0 ? "-m" : "-Urm", "sh", "-c", script]
        child.standardInput = input
        child.standardOutput = output
        child.standardError = FileHandle.nullDevice
        try child.run()
        try output.fileHandleForWriting.close()
        // The shell's first line, or the end of its output where it could not mount.
        guard output.fileHandleForReading.availableData.starts(with: Data("mounted".utf8)) else {
            try input.fileHandleForWriting.close()
            child.waitUntilExit()
            try Test.cancel("this system does not let tests mount a small disk")
        }
        let path = "/proc/\(child.processIdentifier)/root/mnt"
        return SmallDisk(path: path, child: child, input: input)
    }
}

/// Does work on a thread of its own with the rights of an ordinary user, even where the tests run as root.
///
/// Linux keeps the user for file access per thread (`setfsuid`), so other tests are not touched.
func asOrdinaryUser(_ work: @escaping @Sendable () throws -> Void) throws {
    guard geteuid() == 0 else { return try work() }
    let setUser = try #require(dlsym(nil, "setfsuid"))
    typealias SetUser = @convention(c) (UInt32) -> Int32
    nonisolated(unsafe) var outcome: Result<Void, any Error> = .success(())
    let done = DispatchSemaphore(value: 0)
    let switchUser = unsafeBitCast(setUser, to: SetUser.self)
    Thread.detachNewThread {
        _ = switchUser(65_534)
        outcome = Result { try work() }
        done.signal()
    }
    done.wait()
    try outcome.get()
}
