// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Matching
import Problems
import Storage
import Surroundings
import Synchronization
import Testing

@testable import Campaign

/// An installation of one test: a data directory of its own, two folders of the partner, and a world whose time
/// stands still unless it has to be that of real servers.
final class TestCampaign: Sendable {
    /// When the world stands still: 2017-02-05 13:06:40 UTC.
    static let start: Double = 1_486_300_000

    let root: String
    let inbox: String
    let outbox: String
    let world: World
    let campaign: Campaign
    private let clock: WorldClock
    private let loads = Mutex(0)

    convenience init(_ clock: WorldClock = WorldClock(standingAt: start)) throws {
        try self.init(clock) { try Campaign.create($0, world: $1) }
        try campaign.write { [inbox, outbox] database in
            let store = ExternalAccountStore()
            try store.save(
                ExternalAccount(id: ExternalAccount.importID, label: "In", settings: .folder(path: inbox)),
                in: database
            )
            try store.save(
                ExternalAccount(id: ExternalAccount.exportID, label: "Out", settings: .folder(path: outbox)),
                in: database
            )
        }
    }

    /// Makes the folders, and has the installation made or opened in one of them.
    init(
        _ clock: WorldClock = WorldClock(standingAt: start),
        opening open: (DataDirectory, World) throws -> Campaign
    ) throws {
        root =
            FileManager.default.temporaryDirectory.appendingPathComponent("campaign-\(UUID().uuidString)")
            .path
        inbox = root + "/in"
        outbox = root + "/out"
        for folder in [inbox, outbox] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        self.clock = clock
        world = World(now: { clock.now }, randomBytes: { clock.randomBytes($0) })
        campaign = try open(DataDirectory(path: root + "/data"), world)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: root)
    }

    var data: DataDirectory { campaign.directory }

    /// Lets time pass.
    func pass(seconds: Double) {
        clock.pass(seconds)
    }

    /// Opens the same data directory again, as the next process does.
    func reopened() throws -> Campaign {
        try Campaign(data, world: world)
    }

    /// Writes a file that is none of the partner's.
    func write(_ text: String) throws -> String {
        let number = loads.withLock { number in
            number += 1
            return number
        }
        let path = "\(root)/load-\(number).csv"
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    /// Puts a file into the partner's folder, written so many seconds ago by the clock of the test's world.
    func drop(_ name: String, _ bytes: [UInt8], age: Double = 60) throws {
        let path = "\(inbox)/\(name)"
        let folder = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: path))
        try FileManager.default.setAttributes(
            [.modificationDate: clock.now.addingTimeInterval(-age)],
            ofItemAtPath: path
        )
    }

    func drop(_ name: String, _ text: String, age: Double = 60) throws {
        try drop(name, Array(text.utf8), age: age)
    }
}

/// The time and the random bytes of a test.
final class WorldClock: Sendable {
    private let state: Mutex<(seconds: Double, random: SeededNumbers)>
    private let isRunning: Bool

    /// A clock that stands still.
    init(standingAt seconds: Double) {
        state = Mutex((seconds, SeededNumbers(seed: 42)))
        isRunning = false
    }

    private init(running: Void) {
        state = Mutex((0, SeededNumbers(seed: 42)))
        isRunning = true
    }

    /// The machine's clock, for exchanges with servers that look at it.
    static var running: WorldClock { WorldClock(running: ()) }

    var now: Date {
        let seconds = state.withLock { $0.seconds }
        return isRunning ? Date().addingTimeInterval(seconds) : Date(timeIntervalSince1970: seconds)
    }

    func pass(_ seconds: Double) {
        state.withLock { $0.seconds += seconds }
    }

    func randomBytes(_ count: Int) -> [UInt8] {
        state.withLock { state in (0..<count).map { _ in UInt8(truncatingIfNeeded: state.random.next()) } }
    }
}
