// SPDX-License-Identifier: Apache-2.0

import Storage

/// The counts of a receipt of onboarding, as Audience Manager's receipt mail names them.
package struct OnboardingTally: Sendable, Equatable, Codable {
    /// Lines that came in.
    package var received = 0
    /// Lines that break the grammar.
    package var formatErrors = 0
    /// Lines whose ID is not one of the file's data source: not 38 digits, or of another device's form.
    package var invalidIDs = 0
    /// Lines of IDs that nobody has met.
    package var noMatchingID = 0
    /// Lines whose signals realize and remove no trait.
    package var noTraitRealized = 0
    /// Lines of a user beyond the 200th.
    package var excess = 0
    /// Lines of people who opted out.
    package var optedOut = 0
    /// Lines that changed or confirmed something: all but those above.
    package var stored = 0
    /// IDs that were met for the first time and are kept.
    package var newIDs = 0
    /// Different IDs of stored lines.
    package var totalDevices = 0
    /// Signals of all readable lines that were processed.
    package var totalSignals = 0
    /// Those among them that no trait asks for.
    package var unusedSignals = 0
    /// Traits that lines realized, counted once for each line.
    package var realizedTraits = 0
    /// Traits that lines removed, counted once for each line.
    package var removedTraits = 0
    /// Signals that name a trait that is not there, not onboarded, or not of the data source.
    package var traitsFailedValidation = 0
    /// Lines with such a signal.
    package var usersWithFailedTraits = 0
    /// Rules that were given up because their regular expression took too long.
    package var abandonedRules = 0

    package init() {}

    /// The lines by the states that all receipts share; their sum is the lines received.
    package var counts: LineCounts {
        var counts = LineCounts()
        counts[.matched] = stored
        counts[.malformed] = formatErrors + invalidIDs
        counts[.unknown] = noMatchingID
        counts[.notRequested] = noTraitRealized
        counts[.excess] = excess
        counts[.suppressed] = optedOut
        return counts
    }

    /// Lines that were looked at: the stored ones and those with one of the four errors of the documents.
    package var processed: Int { received - excess - optedOut }

    /// Counts the signals of a line that was processed.
    mutating func count(_ signals: OnboardingBatch.Signals) {
        totalSignals += Int(signals.all)
        unusedSignals += Int(signals.unused)
        traitsFailedValidation += Int(signals.failed)
        if signals.failed > 0 { usersWithFailedTraits += 1 }
    }

    /// Notes how a line ended.
    mutating func count(_ reason: OnboardingReason, lines: Int = 1) {
        switch reason {
        case .none: stored += lines
        case .wrongIDSpelling: invalidIDs += lines
        case .unknownID: noMatchingID += lines
        case .noTraitRealized: noTraitRealized += lines
        case .overLineLimit: excess += lines
        case .optedOut: optedOut += lines
        default: formatErrors += lines
        }
    }
}
