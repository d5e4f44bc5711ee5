// SPDX-License-Identifier: Apache-2.0

/// How the digits behind the mode of an outbound file name split into a timestamp and a part number.
///
/// A setting of the destination, because `1566906141001` may be a moment in milliseconds or the
/// moment `1566906141` in seconds followed by the part number `001`.
package enum TimestampPrecision: Sendable, Hashable {
    /// Thirteen digits are milliseconds when that is a date from 2001 to 2100, else ten digits and a part.
    case automatic

    /// Thirteen digits are milliseconds; further digits are the part.
    case milliseconds

    /// Ten digits are seconds; further digits are the part.
    case seconds
}
