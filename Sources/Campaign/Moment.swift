// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Moments written in ISO 8601.
enum Moment {
    /// Milliseconds since 1970 UTC, or `nil` when the text is no moment; a day alone means its start in UTC.
    static func milliseconds(_ text: String) -> Int64? {
        var text = text
        if text.utf8.count == 10 { text += "T00:00:00Z" }
        let withFraction = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let date = (try? Date(text, strategy: .iso8601)) ?? (try? withFraction.parse(text))
        return date.map { Int64(($0.timeIntervalSince1970 * 1000).rounded()) }
    }

    /// ISO 8601 in UTC with milliseconds.
    static func text(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
