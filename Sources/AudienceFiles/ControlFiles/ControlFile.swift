// SPDX-License-Identifier: Apache-2.0

/// The description of the data files of one export, sent beside them as `….info`.
///
/// After Audience Manager, "transfer-control files for outbound files". Sizes are those of the files as they are
/// sent; lines include header and empty ones; the control file itself is not counted.
package struct ControlFile: Sendable, Hashable {
    /// The description of one data file.
    package struct Entry: Sendable, Hashable {
        /// The name of the data file, without a folder.
        package var name: String

        /// The size of the data file in bytes.
        package var byteCount: Int

        /// The number of lines, if stated.
        package var lineCount: Int?

        /// The position in the set from 1, if stated.
        package var sequenceNumber: Int?

        /// The MD5 of the data file as 32 lower-case hexadecimal digits, if stated.
        package var md5: String?

        /// A description made from its parts.
        package init(
            name: String,
            byteCount: Int,
            lineCount: Int? = nil,
            sequenceNumber: Int? = nil,
            md5: String? = nil
        ) {
            self.name = name
            self.byteCount = byteCount
            self.lineCount = lineCount
            self.sequenceNumber = sequenceNumber
            self.md5 = md5
        }
    }

    /// The sums over all entries, each only if stated.
    package struct Totals: Sendable, Hashable {
        /// The name of the set.
        package var name: String?

        /// The number of bytes of all data files.
        package var byteCount: Int?

        /// The number of data files.
        package var fileCount: Int?

        /// The number of lines of all data files.
        package var lineCount: Int?

        /// Totals made from their parts.
        package init(
            name: String? = nil,
            byteCount: Int? = nil,
            fileCount: Int? = nil,
            lineCount: Int? = nil
        ) {
            self.name = name
            self.byteCount = byteCount
            self.fileCount = fileCount
            self.lineCount = lineCount
        }
    }

    /// The data files in the order of the control file.
    package var entries: [Entry]

    /// The sums as stated.
    package var totals: Totals

    /// A control file made from its parts.
    package init(entries: [Entry], totals: Totals) {
        self.entries = entries
        self.totals = totals
    }

    /// A control file for these data files, with the sums that follow from them.
    package init(describing entries: [Entry], name: String) {
        let lineCounts = entries.compactMap(\.lineCount)
        self.init(
            entries: entries,
            totals: Totals(
                name: name,
                byteCount: entries.reduce(0) { $0 + $1.byteCount },
                fileCount: entries.count,
                lineCount: lineCounts.count == entries.count ? lineCounts.reduce(0, +) : nil
            )
        )
    }

    /// Makes sure that the sums which are stated agree with the entries.
    ///
    /// - Throws: ``AudienceFileError/controlFileTotals(_:stated:counted:)``.
    package func verifyTotals() throws(AudienceFileError) {
        let lineCounts = entries.compactMap(\.lineCount)
        try verify(.files, stated: totals.fileCount, counted: entries.count)
        try verify(.bytes, stated: totals.byteCount, counted: Self.sum(entries.map(\.byteCount)))
        if lineCounts.count == entries.count {
            try verify(.lines, stated: totals.lineCount, counted: Self.sum(lineCounts))
        }
    }

    private func verify(_ total: ControlFileTotal, stated: Int?, counted: Int) throws(AudienceFileError) {
        guard let stated, stated != counted else { return }
        throw .controlFileTotals(total, stated: stated, counted: counted)
    }

    /// The sum, or the largest number when it is too large for one.
    private static func sum(_ numbers: [Int]) -> Int {
        numbers.reduce(0) { sum, number in
            let (result, isTooLarge) = sum.addingReportingOverflow(number)
            return isTooLarge ? .max : result
        }
    }
}

/// A sum that a control file states.
package enum ControlFileTotal: Sendable, Hashable {
    /// The number of data files.
    case files

    /// The bytes of all data files.
    case bytes

    /// The lines of all data files.
    case lines
}

/// What is wrong at a place of a control file.
package enum ControlFileProblem: Sendable, Hashable {
    /// The text stops before the last bracket is closed.
    case unexpectedEnd

    /// Another character was expected.
    case unexpectedCharacter

    /// A text holds an escape that JSON does not know, or is not UTF-8.
    case invalidText

    /// A value is no whole number of 0 or more.
    case notANumber

    /// A value is no text.
    case notAText

    /// An MD5 is not 32 hexadecimal digits.
    case invalidMD5

    /// A key that is needed is missing in the object that ends here.
    case missingKey

    /// A key stands twice in one object.
    case repeatedKey

    /// Brackets are nested too deep.
    case tooDeep
}
