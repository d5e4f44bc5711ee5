// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ExternalAccounts
import Foundation
import GRDB
import PeopleService
import Storage

/// The whole way as `people sync` goes it: from files that are complete in a partner's folder to segments, and to files
/// that are complete in another folder.
struct Exchange {
    /// How many segments a destination gets.
    private static let mappedCount = 10
    /// An own template; the other destinations have the default form.
    private static let template = """
        people_<MASTER_DPID>_<SYNC_MODE>_<TIMESTAMP>SPLITNUM.csv
        ---
        ID,SEGMENTS
        ---
        <DP_UUID>,<SEGMENT_LIST; separator=";">
        """

    private let service: PeopleService
    private let people: SamplePeople
    private let folder: String

    /// Makes the partner's folders.
    init(_ service: PeopleService, _ people: SamplePeople, _ folder: String) throws {
        self.service = service
        self.people = people
        self.folder = folder
        for name in ["in", "out"] {
            let path = "\(folder)/\(name)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try service.write {
                try ExternalAccountStore()
                    .save(ExternalAccount(id: name, label: name, settings: .folder(path: path)), in: $0)
            }
        }
        try Self.template.write(toFile: folder + "/template", atomically: true, encoding: .utf8)
    }

    /// Measures passes of the exchange.
    ///
    /// - Parameter lines: How many lines the large files have.
    /// - Throws: What the exchange throws, or a fault of a pass that did not do what was measured.
    func measure(lines: Int) async throws {
        let everybody = try await destinations()
        try await pass("first files of three destinations", 0)
        for round in 0..<3 {
            try await deliver("\(lines) lines, from file to files", lines, seed: UInt64(round) + 1)
        }
        for round in 0..<3 {
            try await deliver("1,000 lines, from file to files", 1_000, seed: UInt64(round) + 11)
        }
        for (destination, form) in everybody {
            try await tell("a full file of everybody, \(form)", destination)
        }
    }

    /// Makes destinations that are told of each change, and two that get everybody when they are asked for.
    private func destinations() async throws -> [(destination: Int, form: String)] {
        let segments = try service.read {
            try Int.fetchAll($0, sql: "SELECT sid FROM segments ORDER BY sid")
        }
        let rule = people.onboarded.map { "\($0)T" }.joined(separator: " or ")
        let watch = Stopwatch()
        let everybody = try Segments(service).create(
            name: "Everybody",
            dataSource: Trial.declared,
            rule: rule
        )
        watch.report("a segment of everybody", everybody.size)
        let declared = "\(Trial.declared)"
        let changes = [
            try await destination("Changes", declared, ["--mode", "iter"]),
            try await destination("All", declared, ["--mode", "full"]),
            try await destination("Devices", "\(Trial.visitors)", ["--mode", "iter"]),
        ]
        for (place, destination) in changes.enumerated() {
            for segment in segments.dropFirst(place * Self.mappedCount).prefix(Self.mappedCount) {
                _ = try Destinations(service).map(segment, to: destination)
            }
        }
        let asked = [
            try await destination("Everybody", declared, ["--schedule", "on-demand"]),
            try await destination(
                "Everybody, own template",
                declared,
                ["--schedule", "on-demand", "--template", folder + "/template"]
            ),
        ]
        for destination in asked { _ = try Destinations(service).map(everybody.sid, to: destination) }
        return Array(zip(asked, ["default form", "own template"]))
    }

    /// Makes a destination by the command.
    private func destination(_ name: String, _ source: String, _ options: [String]) async throws -> Int {
        let command = ["destinations", "create", "--name", name, "--key-data-source", source]
        let place = ["--account", "out", "--data", folder + "/data"]
        var parsed = try PeopleCommand.parseAsRoot(command + place + options)
        if var command = parsed as? any AsyncParsableCommand {
            try await command.run()
        } else {
            try parsed.run()
        }
        return try service.read { try Int.fetchOne($0, sql: "SELECT max(number) FROM destinations") } ?? 0
    }

    /// Lets a file be complete in the partner's folder and does a pass.
    private func deliver(_ what: String, _ lines: Int, seed: UInt64) async throws {
        let name = "ftp_dpm_\(Trial.visitors)_\(Trial.declared)_\(1_800_000_000 + seed).sync"
        let users = (0..<lines).map {
            Int(SampleFile.mixed(UInt64($0) &+ seed << 40) % UInt64(people.deviceCount))
        }
        try people.writeSignals("\(folder)/\(name)", users, ofDevices: true, seed: seed << 40)
        guard rename("\(folder)/\(name)", "\(folder)/in/\(name)") == 0 else {
            preconditionFailure("a file that was just made")
        }
        try await pass(what, lines)
    }

    private func pass(_ what: String, _ lines: Int) async throws {
        let watch = Stopwatch()
        let report = try await PeopleSync(service, Settling(quietPeriod: .zero)).pass(isPatient: false)
        watch.report(what, lines)
        show(report)
    }

    private func tell(_ what: String, _ destination: Int) async throws {
        let watch = Stopwatch()
        let report = try await PeopleSync(service).tell(destination)
        watch.report(what, report.receipts.reduce(0) { $0 + $1.received })
        show(report)
    }

    private func show(_ report: PeopleSyncReport) {
        for receipt in report.receipts {
            let stages = receipt.stages.map { "\($0.stage) \(String(format: "%.2f", $0.seconds)) s" }
            let bytes = receipt.files.reduce(0) { $0 + $1.bytes }
            let place = receipt.destination.map { " to destination \($0)" } ?? ""
            print(
                "    \(receipt.kind.rawValue)\(place), \(receipt.state.rawValue): \(receipt.received) lines, "
                    + "\(bytes >> 20) MiB: \(stages.joined(separator: ", "))"
            )
        }
    }
}
