// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Testing

extension SmallDisk {
    /// Mounts a disk, or cancels the test with the reason where the system does not let us.
    static func forTest(options: String) throws -> SmallDisk {
        guard let disk = try mounted(options: options) else {
            try Test.cancel("this system does not let tests mount a small disk")
        }
        return disk
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
