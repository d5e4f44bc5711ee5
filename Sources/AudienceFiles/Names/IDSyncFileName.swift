// SPDX-License-Identifier: Apache-2.0

/// The name of a file that links IDs of the same people in several data sources.
///
/// The form is `adobe_id_MASTERDPID_DPID[_DPID…]_TIMESTAMP.sync[.SPLIT][.gz]`, or `c2c_id_…` for customer IDs
/// linked with hashed e-mail addresses (Audience Manager, "name and content of ID synchronization files").
package struct IDSyncFileName: Sendable, Hashable {
    /// What the IDs are, by the first word of the name.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Device IDs linked with IDs of other data sources.
        case deviceIDs = "adobe_id"

        /// Customer IDs linked with hashed e-mail addresses.
        case hashedEmail = "c2c_id"
    }

    /// What the IDs are.
    package var kind: Kind

    /// The numbers of the data sources, one for each column of the file, the master's first.
    package var dataSources: [Int]

    /// The moment in seconds since 1970, UTC; it only makes the name unique.
    package var timestamp: Int64

    /// The number of this part, when the name gives one.
    package var part: Int?

    /// Whether the file is compressed.
    package var isGzip: Bool

    /// The number of the data source of the first column.
    package var master: Int { dataSources[0] }

    /// A name made from its parts.
    ///
    /// - Parameters:
    ///   - kind: what the IDs are.
    ///   - dataSources: two or more data sources, the master's first.
    ///   - timestamp: seconds since 1970.
    ///   - part: the number of this part, if the file is split.
    ///   - isGzip: whether the file is compressed.
    package init(
        kind: Kind = .deviceIDs,
        dataSources: [Int],
        timestamp: Int64,
        part: Int? = nil,
        isGzip: Bool
    ) {
        precondition(dataSources.count >= 2, "an ID-sync file links at least two data sources")
        self.kind = kind
        self.dataSources = dataSources
        self.timestamp = timestamp
        self.part = part
        self.isGzip = isGzip
    }

    /// The name read from its text, or nil when it is not the name of an ID-sync file.
    package init?(parsing text: String) {
        let pieces = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (2...4).contains(pieces.count), pieces[1] == "sync",
            let kind = Kind.allCases.first(where: { pieces[0].hasPrefix($0.rawValue + "_") })
        else { return nil }
        let numbers = pieces[0].dropFirst(kind.rawValue.count + 1)
            .split(separator: "_", omittingEmptySubsequences: false)
        let dataSources = numbers.dropLast().compactMap { DecimalDigits.value(of: $0.utf8, as: Int.self) }
        guard dataSources.count >= 2, dataSources.count == numbers.count - 1,
            let digits = numbers.last?.utf8, digits.count == 10,
            let timestamp = DecimalDigits.value(of: digits, as: Int64.self)
        else { return nil }

        var endings = pieces.dropFirst(2)
        let isGzip = endings.last == "gz"
        if isGzip { endings = endings.dropLast() }
        var part: Int?
        if let word = endings.popFirst() {
            part = DecimalDigits.value(of: word.utf8, as: Int.self)
            guard part != nil, endings.isEmpty else { return nil }
        }
        self.init(kind: kind, dataSources: dataSources, timestamp: timestamp, part: part, isGzip: isGzip)
    }
}

extension IDSyncFileName: CustomStringConvertible {
    /// The name as it is written.
    package var description: String {
        let numbers = dataSources.map(String.init).joined(separator: "_")
        let moment = DecimalDigits.text(timestamp, padded: 10)
        let split = part.map { ".\($0)" } ?? ""
        return "\(kind.rawValue)_\(numbers)_\(moment).sync\(split)\(isGzip ? ".gz" : "")"
    }
}
