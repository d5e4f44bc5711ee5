// SPDX-License-Identifier: Apache-2.0

/// One step that brings a field's value and an ID to the same text.
package enum Normalizer: String, CaseIterable, Sendable {
    /// Takes white space off both ends: ASCII space and 0x09…0x0D, and all of Unicode White_Space,
    /// the no-break space included.
    case trim

    /// Replaces each character by its Unicode simple lower-case mapping.
    ///
    /// One character always becomes one character: no final-sigma rule, no language, and `İ` becomes `i`.
    /// Bytes that are not UTF-8 stay.
    case lower

    /// Writes a telephone number as `+` and 7 to 15 digits (ITU-T E.164).
    ///
    /// Leaves out ASCII spaces, the no-break spaces U+00A0 and U+202F, dots, hyphens, parentheses and slashes,
    /// and turns a leading `00` into `+`.
    /// If the result isn't `+`, a digit 1…9 and 6 to 14 more digits, the value stays as it was: no country is guessed.
    case e164

    /// The step's bit pattern in a normalization: two bits, never 0.
    var code: UInt32 {
        switch self {
        case .trim: 1
        case .lower: 2
        case .e164: 3
        }
    }
}
