// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Matching
import Problems
import Storage
import Terminal

/// `tallystick data-sources doctor`: finds out how a website makes IDs, and what to change so that they reconcile.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Find out from one sample why IDs of a data source don't reconcile.",
        discussion: """
            The sample is two lines: a value as a profile has it, then what the website sent for it. It is read from a \
            file or from standard input, and neither it nor a key is ever printed. \
            Ends with 0 when the sample agrees with the definition, 3 when something else explains it, 1 when nothing does.
            """
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The shared data source.") var id: String
    @Option(help: "A file with the two lines; without it, or with -, they are read from standard input.")
    var sample: String?
    @Option(help: "A file with a key that the website may use, or - for standard input.") var keyFile: String?
    @Option(help: "A file with an IV that the website may use, or - for standard input.") var ivFile: String?

    func run() async throws {
        let campaign = try Campaign(global.directory)
        let source = try campaign.read {
            try SharedDataSourceStore(campaign).find(SharedDataSource.ID(id), in: $0)
        }
        guard source.rule.form != .visitorID else {
            throw Problem(
                .dataSourceRefused,
                "The data source \(source.id) holds visitor IDs, which stand for no value.",
                advice: "Name a data source of declared IDs.",
                field: "id"
            )
        }
        let doctor = KeyDoctor(
            rule: source.rule,
            givenKey: try keyFile.map { try SecretFile.read($0, option: "key-file") },
            givenIV: try ivFile.map { try SecretFile.read($0, option: "iv-file") }
        )
        let sample = try KeyDoctorSample.read(sample)
        let diagnosis = try doctor.diagnose(plain: sample.plain, sent: sample.sent)
        try global.show(diagnosis)
        switch diagnosis.verdict {
        case .agrees: return
        case .explained: throw CommandExit.doneWithRejects
        case .unexplained: throw CommandExit.failed
        }
    }
}
