// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Problems
import Transfer

/// The options that say how files of an account are treated.
struct AccountRuleOptions: ParsableArguments {
    @Option(help: "Which files are read: a name with * for any characters.") var pattern: String?
    @Option(help: "What happens to a file once it was imported: keep, delete or move.") var afterReading:
        String?
    @Option(help: "The folder in the account that imported files are moved to.") var moveTo: String?
    @Option(help: "After how many days files that we wrote are deleted; 0 for never.") var retentionDays: Int?
    @Option(help: "Seconds between two looks while watching.") var poll: Int?

    @Option(help: "Seconds that a server may stay without an answer.") var timeout: Int?
    @Flag(
        inversion: .prefixedNo,
        exclusivity: .exclusive,
        help: "The account is good for imports only: nothing is written to it."
    )
    var readOnly: Bool?

    /// Puts the given options into rules.
    ///
    /// - Parameter rules: The rules so far.
    /// - Returns: The rules with what was given.
    /// - Throws: ``Problem`` of kind `accounts.refused`.
    func applied(to rules: AccountRules) throws -> AccountRules {
        var rules = rules
        if let pattern { rules.pattern = pattern.isEmpty || pattern == "*" ? nil : pattern }
        switch (afterReading ?? (moveTo == nil ? nil : "move"), moveTo) {
        case (nil, _): break
        case ("keep", nil): rules.afterReading = .keep
        case ("delete", nil): rules.afterReading = .delete
        case ("move", let folder?): rules.afterReading = .move(folder: try Self.checked(folder))
        case ("move", nil):
            throw Problem(.accountRefused, "To move files, name the folder with --move-to.", field: "move-to")
        default:
            throw Problem(
                .accountRefused,
                "--after-reading is keep, delete, or move together with --move-to.",
                field: "after-reading"
            )
        }
        if let retentionDays {
            guard (0...3650).contains(retentionDays) else {
                throw Problem(.accountRefused, "--retention-days is 0 to 3650.", field: "retention-days")
            }
            rules.retentionDays = retentionDays == 0 ? nil : retentionDays
        }
        if let poll {
            guard (1...86_400).contains(poll) else {
                throw Problem(.accountRefused, "--poll is 1 to 86400 seconds.", field: "poll")
            }
            rules.pollSeconds = poll
        }
        if let timeout {
            guard (1...3_600).contains(timeout) else {
                throw Problem(.accountRefused, "--timeout is 1 to 3600 seconds.", field: "timeout")
            }
            rules.timeoutSeconds = timeout
        }
        if let readOnly { rules.isReadOnly = readOnly }
        guard !rules.isReadOnly || rules.afterReading == .keep else {
            throw Problem(
                .accountRefused,
                "Imported files of an account that is only read can't be deleted or moved.",
                advice: "Give --after-reading keep, or --no-read-only.",
                field: "read-only"
            )
        }
        return rules
    }

    /// A folder below the account's root that lists leave out: imported files must not come back from it.
    private static func checked(_ folder: String) throws -> String {
        guard let path = try? RemotePath(folder) else {
            throw Problem(
                .accountRefused,
                "\(folder) is no folder below the account's root.",
                field: "move-to"
            )
        }
        return path.spelling
    }
}
