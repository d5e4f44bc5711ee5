// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Storage
import Terminal

/// `tallystick audiences preview`: what importing a file would come to.
struct PreviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview",
        abstract: "Find out what importing a file would come to, without storing anything.",
        discussion: "Also tells which other normalization would match more lines, and how many in all."
    )

    @OptionGroup var global: GlobalOptions
    @Option(help: "The name for people; taken so that the options are those of define.") var label: String?
    @OptionGroup var definition: DefinitionOptions
    @Option(help: "The file: plain or gzip, of any account or none.") var file: String

    func run() async throws {
        let campaign = try Campaign(global.directory)
        let report = try ImportPreview(campaign).run(
            file,
            segment: definition.segment,
            SharedDataSource.ID(definition.dataSource),
            isReconciliationForced: definition.forceReconciliation
        )
        try global.show(report)
    }
}
