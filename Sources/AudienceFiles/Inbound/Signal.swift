// SPDX-License-Identifier: Apache-2.0

/// One thing that an inbound line says about a user.
///
/// The bytes belong to the block that the list was read from and are gone when it is recycled.
package enum Signal {
    /// The user gains this onboarded trait (`d_sid=24`).
    case addTrait(UInt64)

    /// The user loses this onboarded trait (`d_unsid=24`, `24:0` or `24:-1`).
    case removeTrait(UInt64)

    /// The user shows an integration code that trait rules ask for (`ic=52` or the bare number `30608`).
    case integrationCode(UnsafeRawBufferPointer)

    /// The user has this value under this key (`"gender"="female"`, `product = tablet`).
    case keyValue(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)

    /// The text between two commas is no signal; the others of the line still count.
    case problem(SignalProblem)
}

/// Why a part of a list is no signal.
package enum SignalProblem: Sendable, Hashable, CaseIterable {
    /// Nothing stands between two commas, or before the first or behind the last one.
    case empty

    /// A quotation mark is missing, or something stands behind a closing one.
    case quotation

    /// A key is empty or holds something other than letters, digits, hyphens and underscores.
    case key

    /// A trait is not a number, or too large for one.
    case traitNumber

    /// The text has no key and is neither a number nor a number with `:0` or `:-1`.
    case form
}
