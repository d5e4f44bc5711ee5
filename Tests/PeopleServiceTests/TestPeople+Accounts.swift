// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import Storage
import Testing

@testable import PeopleService

/// Accounts, files in them, and what passes of the exchange do.
extension TestPeople {
    var inbox: String { root + "/in" }
    var outbox: String { root + "/out" }

    /// An installation with accounts, people 200, an onboarded trait of theirs, and a segment over it.
    static func exchanging() throws -> (test: TestPeople, trait: SID, segment: SID) {
        let test = try TestPeople()
        try test.addAccounts()
        try test.dataSource(200, .crossDevice)
        let trait = try test.trait(of: 200)
        let segment = try Segments(test.service).create(name: "S", dataSource: 200, rule: "\(trait)T")
        return (test, trait, segment.sid)
    }

    /// Makes two folders of the partner and accounts for them.
    func addAccounts() throws {
        for (id, path) in [("in", inbox), ("out", outbox)] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try service.write { database in
                try ExternalAccountStore().save(
                    ExternalAccount(id: id, label: id, settings: .folder(path: path)),
                    in: database
                )
            }
        }
    }

    /// Lets the partner's outbox be used, or not.
    func setEnabled(_ isEnabled: Bool) throws {
        try service.write { database in
            let account = ExternalAccount(
                id: "out",
                label: "out",
                settings: .folder(path: outbox),
                isEnabled: isEnabled
            )
            try ExternalAccountStore().save(account, isReplacing: true, in: database)
        }
    }

    /// Puts a file into the partner's inbox.
    func deliver(_ text: String, _ name: String) throws { try deliver(Array(text.utf8), name) }

    /// Puts a file into the partner's inbox, changed now by the clock of the installation.
    func deliver(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: URL(filePath: "\(inbox)/\(name)"), options: .atomic)
        try touch(name)
    }

    /// Changes when a file in the partner's inbox was written last: now.
    func touch(_ name: String) throws {
        try FileManager.default
            .setAttributes([.modificationDate: service.world.now()], ofItemAtPath: "\(inbox)/\(name)")
    }

    /// Does one pass of the exchange, with short pauses before what failed is tried again; files count as complete at
    /// once unless told otherwise.
    @discardableResult
    func sync(_ settling: Settling = Settling(quietPeriod: .zero)) async throws -> PeopleSyncReport {
        try await PeopleSync(service, settling, pause: .milliseconds(20)).pass(isPatient: false)
    }

    /// The names of the files in the partner's outbox, sorted.
    var sentFiles: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: outbox)) ?? []).sorted()
    }

    /// The text of a file in the partner's outbox.
    func sent(_ name: String) throws -> String {
        try String(contentsOfFile: "\(outbox)/\(name)", encoding: .utf8)
    }

    /// Makes a destination whose files are plain.
    func destination(
        key: DataSourceNumber,
        mode: Destination.Mode = .iter,
        schedule: Destination.Schedule = .onChange,
        labels: Set<ExportRestriction> = [],
        template: Destination.Template? = nil,
        alias: String? = nil,
        partByteCount: Int = 1_000_000_000
    ) throws -> Int {
        try Destinations(service).create { number in
            Destination(
                number: number,
                name: "Destination \(number)",
                description: "",
                keyDataSource: key,
                account: "out",
                mode: mode,
                schedule: schedule,
                template: template,
                alias: alias,
                labels: labels,
                isGzip: false,
                partByteCount: partByteCount,
                isPaused: false
            )
        }
        .number
    }
}
