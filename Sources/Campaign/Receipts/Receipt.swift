// SPDX-License-Identifier: Apache-2.0

import Problems
import Storage

/// The statement that accounts for every line of a run.
package struct Receipt: Sendable {
    package typealias ID = Identifier<Receipt>

    /// Which way the audience went.
    package enum Direction: String, Sendable {
        /// From the hub into Campaign.
        case `import`
        /// From Campaign to the hub.
        case export
    }

    /// How far the run came.
    package enum State: String, Sendable {
        case waiting
        case running
        case completed
        case completedWithRejects = "completed with rejects"
        case failed
        case cancelled
    }

    /// A file that was read or written.
    package struct File: Sendable, Equatable, Codable {
        /// The file's name in its account.
        package let name: String
        /// Its size in bytes.
        package let bytes: Int64
        /// SHA-256 of its bytes, in hex; `nil` when the file was not read to its end.
        package let sha256: String?

        package init(name: String, bytes: Int64, sha256: String?) {
            self.name = name
            self.bytes = bytes
            self.sha256 = sha256
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(bytes, forKey: .bytes)
            // The key stands in every receipt, with null where the checksum is unknown.
            try container.encode(sha256, forKey: .sha256)
        }
    }

    /// What a run did to one segment and its audience.
    package struct Segment: Sendable, Equatable, Codable {
        /// The segment's ID at the hub.
        package let segment: String
        /// The audience in Campaign.
        package let audience: String
        /// Members before the run; for an export, IDs shared before it.
        package let before: Int
        /// Members after the run; for an export, IDs shared after it.
        package let after: Int
    }

    /// How long a stage of the run took.
    package struct Stage: Sendable, Equatable, Codable {
        package let stage: String
        package let seconds: Double
    }

    /// How many lines ended in one state for one reason.
    package struct Reason: Sendable, Equatable, Codable {
        package let state: String
        package let reason: String
        package let lines: Int
    }

    package var id: ID
    package var direction: Direction
    package var state: State
    package var dataSource: SharedDataSource.ID
    /// The receipt whose rejected lines this run imported again.
    package var retryOf: ID?
    /// An earlier receipt of files with the same bytes.
    package var sameAs: ID?
    package var files: [File] = []
    /// How many lines (for an export: members) came in.
    package var received = 0
    /// How many ended in each state.
    package var counts = LineCounts()
    package var reasons: [Reason] = []
    package var segments: [Segment] = []
    package var stages: [Stage] = []
    /// For an export: IDs added, removed, and kept as they were.
    package var change: ShareChange?
    /// The name of the file of rejected lines, in the data directory.
    package var rejectedFile: String?
    /// When the run began, in milliseconds since 1970.
    package var started: Int64
    package var seconds: Double = 0
    /// How often the request of its transfers that was repeated most was sent, 1 where the first attempt worked; SFTP and
    /// folders count a whole transfer as one request.
    package var attempts = 1
    /// For an import: the seconds from the moment when the last file was complete in its account, by the account's
    /// clock, to the moment when the audiences could be used.
    package var usableAfter: Double?
    /// Why the run failed.
    package var failure: Failure?

    /// Why a run failed, as it is kept.
    package struct Failure: Sendable, Equatable, Codable {
        package let code: String
        package let summary: String
        package let advice: String
    }
}

extension Receipt.Failure {
    /// Keeps a problem.
    init(_ problem: Problem) {
        self.init(code: problem.kind.code, summary: problem.summary, advice: problem.advice)
    }

    /// The failure as the problem that it was.
    var problem: Problem {
        let kind = ProblemKind(code, status: 409, meaning: summary, advice: advice)
        return Problem(kind, summary)
    }
}

/// What an export changed at the other side.
package struct ShareChange: Sendable, Equatable, Codable {
    package let added: Int
    package let removed: Int
    package let kept: Int
}

extension ProblemKind {
    package static let receiptUnknown = ProblemKind(
        "receipts.unknown",
        status: 404,
        meaning: "A command names a receipt that doesn't exist.",
        advice: "Run `tallystick receipts list` to see the receipts."
    )
    package static let linesUnaccounted = ProblemKind(
        "receipts.lines-unaccounted",
        status: 500,
        meaning:
            "The states of a run's lines don't add up to the lines received, so the run was not published.",
        advice: "This is a fault of the program: keep the file and report it."
    )
}
