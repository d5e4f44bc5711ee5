// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The options of completing a provisioning.
package struct CompletionArguments: ParsableArguments {
    @Option(help: "The ID of the shared data source of declared IDs.") var id = "declaredId"
    @Option(help: "Its name for people.") var label: String?
    @OptionGroup var reconciliation: ReconciliationOptions
    @Option(help: "The external account that files come from.") var importAccount = "importSharedAudience"
    @Option(help: "The external account that files go to.") var exportAccount = "exportSharedAudience"
    @Option(help: "Where this machine has the folder that files come from, if it is another place.")
    var importFolder: String?
    @Option(help: "Where this machine has the folder that files go to, if it is another place.")
    var exportFolder: String?
    @Flag(help: "Accept the terms of sharing (docs/terms.md); without that no data flows.")
    var acceptTerms = false

    package init() {}

    /// Whether the terms of sharing are accepted.
    package var acceptsTerms: Bool { acceptTerms }
}
