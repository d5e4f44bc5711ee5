// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Problems
import Storage
import Terminal

/// `tallystick audiences share`: shares an audience into a segment, now and whenever it changes.
package struct ShareCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "share",
        abstract: "Share an audience into a segment, now and with each sync.",
        discussion: """
            IDs of members are added; with --replace those that left are also removed. What was shared before is \
            remembered, so that files hold the difference only.
            """
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The audience's ID or label.") var audience: String
    @Option(help: "The segment's number at the hub.") var segment: Int64?
    @Option(help: "The name of a segment; it is made, at the hub if Campaign knows one (tallystick hub).")
    var segmentName: String?
    @Option(help: "The shared data source whose IDs are sent.") var dataSource: String
    @Flag(help: "Also remove those from the segment who are no longer members.") var replace = false
    @Flag(help: "Show what would change and change nothing.") var dryRun = false
    @Flag(help: "Let a replacing share empty the segment or remove most of it.") var allowShrink = false
    @Flag(help: "Send every ID again, as if nothing had been shared before.") var resend = false
    @Flag(help: "Write plain files instead of compressed ones.") var noGzip = false
    @Option(help: "The largest size of a file before compression, in bytes.") var splitBytes = 1_000_000_000

    package init() {}

    package mutating func validate() throws {
        guard (segment == nil) != (segmentName == nil) else {
            throw ValidationError("Name the segment with either --segment or --segment-name.")
        }
        guard segment.map({ $0 > 0 }) ?? true else {
            throw ValidationError("--segment takes a whole number from 1 on.")
        }
        guard splitBytes >= 1_000_000 else {
            throw ValidationError("--split-bytes takes at least 1000000.")
        }
    }

    package func run() async throws {
        let campaign = try Campaign(global.directory)
        let shares = Shares(campaign)
        let target = segment.map(Shares.Target.number) ?? .name(segmentName ?? "")
        if dryRun {
            let foretold = try await foretell(target, campaign)
            let lock = try campaign.lockForChange()
            defer { withExtendedLifetime(lock) {} }
            let preview = try shares.preview(
                audience,
                into: foretold,
                SharedDataSource.ID(dataSource),
                isReplacing: replace,
                options: options
            )
            return try global.show(preview)
        }
        if let segmentName {
            try await HubSegments(campaign).prepare(segmentName, for: SharedDataSource.ID(dataSource))
        }
        let shared = try await shares.share(
            audience,
            into: target,
            SharedDataSource.ID(dataSource),
            isReplacing: replace,
            options: options
        )
        if let failure = shared.receipt.failure { throw failure.problem }
        try global.show(ShareReport(shared.receipt, segment: shared.segment))
        if shared.receipt.state == .completedWithRejects { throw CommandExit.doneWithRejects }
    }

    /// The segment as a share would find it; a new one gets its number from the hub, where Campaign knows one.
    private func foretell(_ target: Shares.Target, _ campaign: Campaign) async throws -> Shares.Target {
        guard let segmentName else { return target }
        return try await HubSegments(campaign).foretell(segmentName, for: SharedDataSource.ID(dataSource))
    }

    private var options: ShareOptions {
        var options = ShareOptions()
        options.isGzip = !noGzip
        options.splitByteCount = splitBytes
        options.allowsShrinking = allowShrink
        options.isResending = resend
        return options
    }
}

/// `tallystick audiences unshare`: stops sharing; what the other side holds stays there.
package struct UnshareCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "unshare",
        abstract: "Stop sharing an audience into a segment.",
        discussion: "Nothing is removed at the other side."
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The audience's ID or label.") var audience: String
    @Option(help: "The segment's number at the hub.") var segment: Int64
    @Option(help: "The shared data source.") var dataSource: String

    package init() {}

    package func run() async throws {
        let campaign = try Campaign(global.directory)
        let lock = try campaign.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        try Shares(campaign).unshare(
            audience,
            segment: segment,
            SharedDataSource.ID(dataSource)
        )
        try global.show(UnshareReport(audience: audience, segment: segment, dataSource: dataSource))
    }
}

private struct UnshareReport: Report {
    let audience: String
    let segment: Int64
    let dataSource: String

    var text: String {
        "\(audience) is no longer shared into the segment \(segment); what was shared stays there."
    }
}
