// SPDX-License-Identifier: Apache-2.0

import Problems
import Storage

/// What became of every line of one run of the People service.
package struct Receipt: Sendable, Equatable, Codable {
    /// What a run did.
    package enum Kind: String, Sendable, Codable {
        /// Signals of an inbound file reached people.
        case onboarding
        /// IDs of an ID-sync file were linked.
        case idSync = "id-sync"
        /// A destination got its segments.
        case outbound
    }

    /// How a run ended.
    package enum State: String, Sendable, Codable {
        case waiting
        case running
        case completed
        case completedWithRejects = "completed with rejects"
        case failed
        case cancelled
    }

    /// A file that was read or written.
    package struct File: Sendable, Equatable, Codable {
        package let name: String
        package let bytes: Int
        /// SHA-256 in hex; none when the file was not read to its end.
        package var sha256: String?
        /// The number of lines; none when the file was not read to its end.
        package var lines: Int?
    }

    /// What a run changed in a segment.
    package struct Segment: Sendable, Equatable, Codable {
        package let segment: SID
        /// IDs in it before and after.
        package let before: Int
        package let after: Int
        package let added: Int
        package let removed: Int
    }

    /// How many lines ended for one reason.
    package struct Reason: Sendable, Equatable, Codable {
        package let state: String
        package let reason: String
        package let lines: Int
    }

    /// How long a stage of the run took.
    package struct Stage: Sendable, Equatable, Codable {
        package let stage: String
        package let seconds: Double
    }

    /// Why a run failed.
    package struct Failure: Sendable, Equatable, Codable {
        package let code: String
        package let summary: String
        package let advice: String

        init(_ problem: Problem) {
            (code, summary, advice) = (problem.kind.code, problem.summary, problem.advice)
        }
    }

    /// The number; the receipt's ID is `P` and this.
    package let number: Int
    package let kind: Kind
    package var state: State
    /// The external account of the files: of those that go out the one that was tried last.
    package var account: String
    /// The data source of the IDs.
    package var dataSource: DataSourceNumber?
    /// The data source of the traits, of onboarding.
    package var traitDataSource: DataSourceNumber?
    /// The destination, of an outbound run.
    package var destination: Int?
    package var files: [File] = []
    /// The counts of an onboarding run.
    package var onboarding: OnboardingTally?
    /// The counts of an ID-sync run.
    package var idSync: IDSyncTally?
    /// The counts of an outbound run.
    package var outbound: OutboundTally?
    package var reasons: [Reason] = []
    /// What else has to be known of the run, in words for people.
    package var notes: [String]?
    package var segments: [Segment] = []
    package var stages: [Stage] = []
    /// The name of the file of rejected lines in the data directory.
    package var rejectedFile: String?
    /// When the run began and ended, in milliseconds since 1970.
    package let started: Int64
    package var ended: Int64
    package var seconds = 0.0
    /// How often its transfers were tried, 1 where the first attempt worked.
    package var attempts = 1
    /// For files that come in: the seconds from the moment when the last file was complete in its account, by the
    /// account's clock, to the moment when the segments showed it.
    package var usableAfter: Double?
    package var failure: Failure?

    /// The ID as commands take it.
    package var id: String { "P\(number)" }

    /// Whether the same work will be tried again under this number.
    var stands: Bool { state == .waiting || state == .failed }

    /// Lines that came in or went out.
    package var received: Int {
        onboarding?.received ?? idSync?.received ?? outbound?.received ?? 0
    }

    /// The lines by the states that all receipts share; their sum is ``received``.
    package var counts: LineCounts {
        onboarding?.counts ?? idSync?.counts ?? outbound?.counts ?? LineCounts()
    }

    /// An empty receipt of a run that begins.
    init(_ number: Int, _ kind: Kind, account: String, started: Int64) {
        self.number = number
        self.kind = kind
        self.account = account
        self.started = started
        ended = started
        state = .running
    }
}

extension ProblemKind {
    package static let peopleReceiptUnknown = ProblemKind(
        "people.receipt-unknown",
        status: 404,
        meaning: "A command names a receipt of the People service that doesn't exist.",
        advice: "Run `tallystick people receipts list` to see the receipts."
    )
    package static let peopleLinesUnaccounted = ProblemKind(
        "people.lines-unaccounted",
        status: 500,
        meaning:
            "The states of a run's lines don't add up to the lines received, so the run was not kept.",
        advice: "This is a fault of the program: keep the file and report it."
    )
}
