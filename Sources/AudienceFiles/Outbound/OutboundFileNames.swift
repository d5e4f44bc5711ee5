// SPDX-License-Identifier: Apache-2.0

/// The names of all files of one export, made by the template of its destination.
package struct OutboundFileNames: Sendable, Hashable {
    /// The longest name in bytes, so that a temporary one fits a file system too.
    package static let maximumByteCount = 230

    private let front: String
    private let back: String

    /// Whether the data files are compressed.
    package let isGzip: Bool

    /// Names made of what stands before and behind the number of a part.
    ///
    /// - Throws: a ``TemplateError`` when the names could not be those of files.
    init(front: String, back: String, isGzip: Bool) throws(TemplateError) {
        self.front = front
        self.back = back
        self.isGzip = isGzip
        for name in [part(0), part(999), control] {
            let isUsable =
                !name.isEmpty && !name.hasPrefix(".") && !name.contains("..")
                && name.utf8.count <= Self.maximumByteCount
                && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") }
            guard isUsable else { throw TemplateError(part: .fileName, byte: 0, problem: .unusableFileName) }
        }
    }

    /// The name of a data file; the first part is 0 and has no number, the others have three digits or more.
    package func part(_ number: Int) -> String {
        let digits = number == 0 ? "" : DecimalDigits.text(number, padded: 3)
        return front + digits + back + (isGzip ? ".gz" : "")
    }

    /// The name of the control file: that of the set with another extension.
    package var control: String { root + ".info" }

    /// The name of the whole set, as the totals of a control file state it: without `.gz` and without a number.
    package var set: String { front + back }

    /// The set's name without its extension.
    private var root: String {
        guard let dot = set.lastIndex(of: ".") else { return set }
        return String(set[..<dot])
    }
}
