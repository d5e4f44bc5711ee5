// SPDX-License-Identifier: Apache-2.0

import Problems

/// The first row of a CSV file, which should hold the names of its columns.
///
/// A file without a header row has a person's data there, so titles are told only where one of them is known.
struct CSVHeader {
    let titles: [String]

    /// Checks the titles.
    ///
    /// - Parameter titles: The cells of the first row.
    /// - Throws: ``Problem`` of kind `files.unreadable` when they hold control characters, as those of a file do whose
    ///   lines end in CR alone.
    init(_ titles: [String]) throws {
        let hasControls = titles.contains { title in
            title.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
        }
        guard !hasControls else {
            throw Problem(
                .fileUnreadable,
                "The header row holds control characters.",
                advice:
                    "End each line with LF or CRLF, not with CR alone, and name columns without control characters."
            )
        }
        self.titles = titles
    }

    /// What to do when no column fills a field.
    ///
    /// - Parameters:
    ///   - field: The field.
    ///   - isKnown: Whether a title is that of a field or was mapped, so that the row is a header.
    /// - Returns: Advice that names the titles where they are titles.
    func advice(for field: String, isKnown: (String) -> Bool) -> String {
        guard titles.contains(where: isKnown) else {
            return
                "None of the \(titles.count) cells of the first row is a field's name: does the file have a header row? If so, name columns with --map COLUMN=FIELD."
        }
        return
            "The file has the columns \(titles.joined(separator: ", ")). Name the right one with --map COLUMN=\(field)."
    }
}
