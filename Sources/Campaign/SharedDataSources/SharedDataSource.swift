// SPDX-License-Identifier: Apache-2.0

import Matching
import Storage

/// Campaign's definition of how IDs of one data source reconcile with profiles.
///
/// The fields are those of the shared data source in Adobe Campaign Standard; the targeting dimension is
/// always the profile.
package struct SharedDataSource: Sendable {
    package typealias ID = Identifier<SharedDataSource>

    /// Which IDs the data source holds, and how they relate to a profile.
    package enum Mode: Sendable {
        /// Visitor IDs, through the links between visitors and profiles.
        case visitor
        /// Declared IDs that stand for a profile field.
        case declared(key: ProfileField, IDRule)
    }

    /// What a decrypted ID is.
    package enum Channel: String, Sendable, CaseIterable {
        /// An email address.
        case email
        /// A mobile phone number.
        case sms
        /// Any text; it is compared through the reconciliation key only.
        case other

        /// The form a decrypted ID must have.
        var addressForm: AddressForm {
            switch self {
            case .email: .email
            case .sms: .mobilePhone
            case .other: .any
            }
        }
    }

    /// The built-in data source's ID.
    package static let defaultID = ID("defaultDataSource")

    package let id: ID
    package let label: String
    /// The data source's number at the audience hub (DPID), which is part of file names; the built-in source has
    /// none once another one took over its preset.
    package let number: Int?
    /// The alias of the data source, which the website passes with an ID.
    package let integrationCode: String
    /// The destination whose files belong to this data source; any, when `nil`.
    package let destination: Int?
    package let mode: Mode
    package let channel: Channel
    /// Which source a trigger prefers, higher first.
    package let priority: Int
    package let comment: String
    package let importAccount: String
    package let exportAccount: String
    /// When the terms were accepted, in milliseconds since 1970.
    package let termsAccepted: Int64?
    /// The name of the file that was imported last.
    package let lastFile: String?
    /// The moment of the full file that was imported last, in milliseconds since 1970.
    let lastFull: Int64?

    /// Whether this is the built-in data source, whose criteria can't be edited.
    package var isDefault: Bool { id == Self.defaultID }

    /// How its IDs are read and written.
    package var rule: IDRule {
        switch mode {
        case .visitor: IDRule(.visitorID)
        case .declared(_, let rule): rule
        }
    }

    /// The profile field that its IDs stand for, where they stand for one.
    package var keyField: ProfileField? {
        guard case .declared(let key, _) = mode else { return nil }
        return key
    }

    /// Whether its IDs are encrypted addresses, so that an import may end in a File audience.
    package var givesAddresses: Bool {
        if case .cipher = rule.form { channel != .other } else { false }
    }

    /// Whether its IDs are addresses in the clear, which whoever reads the files can write to.
    var sharesAddresses: Bool {
        guard rule.form == .plain, let kind = keyField?.kind else { return false }
        return switch kind {
        case .email, .mobilePhone: true
        default: false
        }
    }

    /// The index that reconciles its IDs.
    var index: IndexDefinition {
        switch mode {
        case .visitor: .visitors
        case .declared(let key, let rule): IndexDefinition(key: key.name, rule: rule)
        }
    }
}
