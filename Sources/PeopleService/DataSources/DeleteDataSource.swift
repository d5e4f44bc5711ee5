// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Terminal

/// `tallystick people data-sources delete`.
struct DeleteDataSource: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a data source that nothing uses.",
        discussion: """
            Without --yes it only says what would go. Refused with the names of traits, segments, destinations, merge \
            rules and other data sources that use it, and while it has IDs of people: those are not deleted this way. \
            Files that come for it later are refused.
            """
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The number.") var number: Int
    @Flag(help: "Delete; without it nothing is changed.") var yes = false

    func run() async throws {
        let sources = DataSources(try PeopleService(global.directory))
        let gone = try yes ? sources.delete(number) : sources.previewDeletion(of: number)
        try global.show(DataSourceDeletionReport(gone.dataSource, receipts: gone.receipts, dryRun: !yes))
    }
}

/// What goes with a data source.
private struct DataSourceDeletionReport: Report {
    let dataSource: Int
    let name: String
    let integrationCode: String?
    let exportRestrictions: [String]
    /// Receipts of its files, which stay.
    let receipts: Int
    let dryRun: Bool

    init(_ source: DataSource, receipts: Int, dryRun: Bool) {
        dataSource = source.number
        name = source.name
        integrationCode = source.integrationCode
        exportRestrictions = source.restrictions.sorted().map(\.rawValue)
        self.receipts = receipts
        self.dryRun = dryRun
    }

    var text: String {
        let code = integrationCode.map { ", code \($0)" } ?? ""
        let what = "data source \(dataSource) “\(name)”\(code)"
        let restrictions = exportRestrictions.map { "\n  with its restriction \($0)" }.joined()
        let stays = receipts > 0 ? "\n  its \(receipts.grouped) receipts stay" : ""
        return dryRun
            ? "would delete \(what)\(restrictions)\(stays)\n  nothing was changed, --yes deletes"
            : "\(what) is deleted\(restrictions)\(stays)"
    }
}
