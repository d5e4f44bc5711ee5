// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Storage
import Terminal

/// `tallystick people opt-out`: somebody must not be used any more, or may be again.
package struct OptOutCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "opt-out",
        abstract: "Use an ID and its devices no more, or again with --undo.",
        discussion: """
            The ID leaves every segment, and the next outbound files say so. From a device the opt-out reaches \
            everybody who was signed in there. An ID that nobody has met yet is remembered.
            """
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The data source's number or integration code, a colon, and the ID.") var id: String
    @Flag(help: "Bring the ID back, and all that only its opt-out reaches.") var undo = false

    package init() {}

    package func run() async throws {
        let optOuts = OptOuts(try PeopleService(global.directory))
        try global.show(OptOutReport(undo ? optOuts.undo(id) : optOuts.optOut(id), isUndo: undo))
    }
}

private struct OptOutReport: Report {
    let result: String
    let reached: Int
    let changed: Int
    let kept: Int
    let segments: Int

    init(_ outcome: OptOuts.Outcome, isUndo: Bool) {
        result = isUndo ? (outcome.kept > 0 ? "kept out" : "opted in") : "opted out"
        reached = outcome.reached
        changed = outcome.changed
        kept = outcome.kept
        segments = outcome.segments.count
    }

    var text: String {
        let rest = kept > 0 ? "; \(kept.grouped) stay out, since the opt-out of a linked ID reaches them" : ""
        let ids = "\(changed.grouped) of \(reached.grouped) IDs"
        return "\(result): \(ids), \(segments.grouped) segments changed\(rest)"
    }
}

/// `tallystick people access`: everything that is known of an ID.
package struct AccessCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "access",
        abstract: "Show everything that is known of an ID, and of the devices of a declared ID."
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The data source's number or integration code, a colon, and the ID.") var id: String

    package init() {}

    package func run() async throws {
        let report = try PrivacyRequests(PeopleService(global.directory), holders: DestinationStore().holders)
            .access(id)
        try global.show(report)
        if report.ids.isEmpty { throw CommandExit.failed }
    }
}

/// `tallystick people delete`: everything that is known of an ID goes.
package struct DeleteCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete everything that is known of an ID, and of the devices of a declared ID.",
        discussion: """
            Without --yes it only says what would go. Deleted IDs are opted out, so that later files do not bring \
            them back. This can't be undone.
            """
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The data source's number or integration code, a colon, and the ID.") var id: String
    @Flag(help: "Delete; without it nothing is changed.") var yes = false

    package init() {}

    package func run() async throws {
        let requests = PrivacyRequests(
            try PeopleService(global.directory),
            holders: DestinationStore().holders
        )
        let report = try yes ? requests.delete(id) : requests.preview(id)
        try global.show(report)
        if !report.isFound { throw CommandExit.failed }
    }
}
