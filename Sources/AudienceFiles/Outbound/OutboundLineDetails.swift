// SPDX-License-Identifier: Apache-2.0

/// What few templates write about a person, asked for only by those that do; see ``LineRenderer/needs``.
///
/// Asked from the thread that renders. The bytes handed over are copied before the call returns.
package protocol OutboundLineDetails {
    /// Hands over the visitor ID of a person, if there is one; the latest if there are several.
    func visitorID(of person: Int, take: (UnsafeRawBufferPointer) -> Void)

    /// Hands over each ID that a person has in a data source, the latest first.
    func ids(of person: Int, in dataSource: Int, take: (UnsafeRawBufferPointer) -> Void)

    /// Hands over each trait of a person.
    func traits(of person: Int, take: (OutboundTrait) -> Void)
}

/// A trait as a line names it.
package struct OutboundTrait: Sendable, Hashable {
    /// How a person comes to a trait.
    package enum Kind: Int, Sendable, Hashable, CaseIterable {
        /// By a rule over signals.
        case ruleBased = 3

        /// From an inbound file.
        case onboarded = 10
    }

    /// The trait's number.
    package var number: Int

    /// How people come to it.
    package var kind: Kind

    /// When the person got it last, in milliseconds since 1970, UTC.
    package var lastRealized: Int64

    /// A trait made from its parts.
    package init(number: Int, kind: Kind, lastRealized: Int64) {
        self.number = number
        self.kind = kind
        self.lastRealized = lastRealized
    }
}
