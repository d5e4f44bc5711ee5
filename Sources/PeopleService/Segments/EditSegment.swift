// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Problems
import Storage
import Terminal

/// `tallystick people segments edit`.
struct EditSegment: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change a segment; what is not named stays.",
        discussion: """
            Its data source stays for good. With another rule or merge rule the members are found anew, and \
            destinations are told who came and went; those of a paused segment when it goes on. A rule that a \
            restriction forbids at a destination is refused.
            """
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The segment's number.") var sid: Int
    @Option(help: "The name for people.") var name: String?
    @Option(help: "What it means.") var description: String?
    @Option(help: "The number of the folder that it lies in; 0 is the top.") var folder: Int?
    @Option(help: "The rule over traits.") var rule: String?
    @Option(help: "The number of the merge rule.") var mergeRule: Int?
    @Option(help: "An alternative name.") var integrationCode: String?
    @Flag(help: "Take its alternative name away.") var noIntegrationCode = false

    func validate() throws {
        guard integrationCode == nil || !noIntegrationCode else {
            throw ValidationError("An option and its --no-… contradict each other.")
        }
    }

    func run() async throws {
        let service = try PeopleService(global.directory)
        let segment = try Segments(service).update(sid) { segment in
            segment.name = name ?? segment.name
            segment.description = try description.map(APIText.description) ?? segment.description
            segment.folder = folder.map { $0 == 0 ? nil : $0 } ?? segment.folder
            segment.rule = rule ?? segment.rule
            segment.mergeRule = mergeRule ?? segment.mergeRule
            segment.integrationCode = noIntegrationCode ? nil : integrationCode ?? segment.integrationCode
        }
        let warnings = try service.read { try Destinations.obstacles(segment, in: $0) }
            .map { "\($0.summary) \($0.advice)" }
        try global.show(SegmentReport(segment, warnings: warnings))
    }
}
