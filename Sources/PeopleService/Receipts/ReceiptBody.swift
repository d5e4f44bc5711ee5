// SPDX-License-Identifier: Apache-2.0

import Storage
import Terminal

/// A receipt as the API shows it; holds no ID of a person.
struct ReceiptBody: Encodable, Sendable {
    let id: String
    let kind: String
    let state: String
    let account: String
    let dataSourceId: Int?
    let traitDataSourceId: Int?
    let destinationId: Int?
    let files: [Receipt.File]
    let received: Int
    /// Lines by the states that all receipts share.
    let counts: [String: Int]
    let processed: Int?
    let reasons: [Receipt.Reason]
    /// What else has to be known, in words for people.
    let notes: [String]
    let segments: [Receipt.Segment]
    let stages: [Receipt.Stage]
    /// Whether rejected lines were kept, for a while.
    let hasRejectedLines: Bool
    /// When the run began and ended, in milliseconds since 1970.
    let startTime: Int64
    let endTime: Int64
    let seconds: Double
    let attempts: Int
    let usableAfterSeconds: Double?
    let problem: Receipt.Failure?
    let onboarding: OnboardingTally?
    let idSync: IDSyncTally?
    let outbound: OutboundTally?

    init(_ receipt: Receipt) {
        id = receipt.id
        kind = receipt.kind.rawValue
        state = receipt.state.rawValue
        account = receipt.account
        dataSourceId = receipt.dataSource
        traitDataSourceId = receipt.traitDataSource
        destinationId = receipt.destination
        files = receipt.files
        received = receipt.received
        counts = Dictionary(
            uniqueKeysWithValues: LineState.allCases.map { ($0.rawValue, receipt.counts[$0]) }
        )
        processed = receipt.onboarding?.processed
        reasons = receipt.reasons
        notes = receipt.notes ?? []
        segments = receipt.segments
        stages = receipt.stages
        hasRejectedLines = receipt.rejectedFile != nil
        startTime = receipt.started
        endTime = receipt.ended
        seconds = receipt.seconds
        attempts = receipt.attempts
        usableAfterSeconds = receipt.usableAfter
        problem = receipt.failure
        onboarding = receipt.onboarding
        idSync = receipt.idSync
        outbound = receipt.outbound
    }
}

/// A rejected line as the API shows it: its place and reason, and its text only to whom the token allows it.
struct RejectedLineBody: Encodable, Sendable {
    let file: String
    let line: Int
    let state: String
    let reason: String
    let hint: String
    let text: String?

    init(_ line: RejectedLine, withText: Bool) {
        file = line.file
        self.line = line.line
        state = line.state
        reason = line.reason
        hint = line.hint
        text = withText ? line.text : nil
    }
}

/// What was onboarded for one data source on one day, as the API shows it.
struct OnboardingStatusBody: Encodable, Sendable {
    let dataSourceId: Int
    /// Data sources that refused files named and that are not there.
    let unknownDataSourceIds: [Int]
    let day: String
    let files: Int
    let failed: Int
    let received: Int
    let stored: Int
    let percentStored: Double
    let formatErrors: Int
    let invalidIDs: Int
    let noMatchingID: Int
    let noTraitRealized: Int
    let realizedTraits: Int
    let unusedSignals: Int

    init(_ row: OnboardingStatus.Row) {
        dataSourceId = row.dataSource
        unknownDataSourceIds = row.unknownDataSources
        day = row.day
        files = row.files
        failed = row.failed
        received = row.received
        stored = row.stored
        percentStored = row.percentStored
        formatErrors = row.formatErrors
        invalidIDs = row.invalidIDs
        noMatchingID = row.noMatchingID
        noTraitRealized = row.noTraitRealized
        realizedTraits = row.realizedTraits
        unusedSignals = row.unusedSignals
    }
}
