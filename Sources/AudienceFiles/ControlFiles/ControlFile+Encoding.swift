// SPDX-License-Identifier: Apache-2.0

extension ControlFile {
    /// The control file as strict JSON: keys sorted, entries by sequence number and name, no blanks, one newline.
    package func encoded() -> [UInt8] {
        let sorted = entries.sorted { first, second in
            let numbers = (first.sequenceNumber ?? .max, second.sequenceNumber ?? .max)
            if numbers.0 != numbers.1 { return numbers.0 < numbers.1 }
            return first.name.utf8.lexicographicallyPrecedes(second.name.utf8)
        }
        let files = sorted.map { entry in
            Self.object([
                ("FileByteSize", String(entry.byteCount)),
                ("FileLineCount", entry.lineCount.map(String.init)),
                ("FileName", Self.text(entry.name)),
                ("FileSequenceNumber", entry.sequenceNumber.map(String.init)),
                ("md5", entry.md5.map(Self.text)),
            ])
        }
        let sums = Self.object([
            ("FileName", totals.name.map(Self.text)),
            ("TotalByteSize", totals.byteCount.map(String.init)),
            ("TotalNumberFiles", totals.fileCount.map(String.init)),
            ("TotalNumberLines", totals.lineCount.map(String.init)),
        ])
        let json = Self.object([("Files", "[\(files.joined(separator: ","))]"), ("Totals", sums)])
        return Array((json + "\n").utf8)
    }

    private static func object(_ members: [(key: String, json: String?)]) -> String {
        let written = members.compactMap { member in member.json.map { "\"\(member.key)\":\($0)" } }
        return "{\(written.joined(separator: ","))}"
    }

    private static func text(_ text: String) -> String {
        "\"\(String(decoding: JSONText.escaped(text.utf8), as: UTF8.self))\""
    }
}
