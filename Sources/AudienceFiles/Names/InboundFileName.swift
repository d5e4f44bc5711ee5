// SPDX-License-Identifier: Apache-2.0

/// The name of a file that brings signals of known people into the audience-management system.
///
/// The form is `ftp_dpm_DPID[_TARGETDPID]_TIMESTAMP(.sync|.overwrite)[.SPLIT][.gz]`, or `.pgp` or `.gpg`
/// in place of `.gz` (Audience Manager, "inbound data file names"), for example
/// `ftp_dpm_478_567_1366545717.sync.1.gz`. The words are written in lower case.
package struct InboundFileName: Sendable, Hashable {
    /// What the lines of a file do to the traits that a user already has.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Lines add and remove single traits.
        case sync

        /// Lines replace all traits of the data source, for the users that the file names.
        case overwrite
    }

    /// How the bytes of a file are packed.
    package enum Compression: Sendable, Hashable, CaseIterable {
        /// Plain text.
        case none

        /// One or more gzip members (RFC 1952).
        case gzip

        /// An OpenPGP message (RFC 4880), which is compressed already and never inside gzip.
        case pgp
    }

    /// The number of the data source that the user IDs belong to.
    package var dataSource: Int

    /// The number of the data source that owns the traits, when the name gives one.
    package var traitDataSource: Int?

    /// The moment in seconds since 1970, UTC; it only makes the name unique.
    package var timestamp: Int64

    /// What the lines do.
    package var kind: Kind

    /// The number of this part, when the name gives one.
    package var part: Int?

    /// How the file is packed.
    package var compression: Compression

    /// Whether lines start with a column for the type of the ID (`ftp_dpm_odc_…`).
    package var isPartnerVariant: Bool

    /// A name made from its parts.
    package init(
        dataSource: Int,
        traitDataSource: Int? = nil,
        timestamp: Int64,
        kind: Kind = .sync,
        part: Int? = nil,
        compression: Compression = .none,
        isPartnerVariant: Bool = false
    ) {
        self.dataSource = dataSource
        self.traitDataSource = traitDataSource
        self.timestamp = timestamp
        self.kind = kind
        self.part = part
        self.compression = compression
        self.isPartnerVariant = isPartnerVariant
    }

    /// The name read from its text, or nil when it is not the name of an inbound file.
    ///
    /// Timestamps of 9 to 13 digits are accepted; 13 digits are milliseconds and are cut to seconds.
    /// With two numbers the last one is always the timestamp. `.gz` followed by `.gpg` is refused.
    package init?(parsing text: String) {
        let pieces = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (2...4).contains(pieces.count), let kind = Kind(rawValue: String(pieces[1])) else { return nil }

        var fields = pieces[0].split(separator: "_", omittingEmptySubsequences: false)[...]
        guard fields.starts(with: ["ftp", "dpm"]) else { return nil }
        fields = fields.dropFirst(2)
        let isPartnerVariant = fields.first == "odc"
        if isPartnerVariant { fields = fields.dropFirst() }
        guard (2...3).contains(fields.count), let digits = fields.last?.utf8, (9...13).contains(digits.count),
            let number = DecimalDigits.value(of: digits, as: Int64.self),
            let dataSource = DecimalDigits.value(of: fields[fields.startIndex].utf8, as: Int.self)
        else { return nil }
        var traitDataSource: Int?
        if fields.count == 3 {
            traitDataSource = DecimalDigits.value(of: fields[fields.startIndex + 1].utf8, as: Int.self)
            guard traitDataSource != nil else { return nil }
        }

        var endings = pieces.dropFirst(2)
        var compression = Compression.none
        if let word = endings.last, let named = Compression(word: word) {
            compression = named
            endings = endings.dropLast()
        }
        var part: Int?
        if let word = endings.popFirst() {
            part = DecimalDigits.value(of: word.utf8, as: Int.self)
            guard part != nil, endings.isEmpty else { return nil }
        }
        self.init(
            dataSource: dataSource,
            traitDataSource: traitDataSource,
            timestamp: digits.count == 13 ? number / 1000 : number,
            kind: kind,
            part: part,
            compression: compression,
            isPartnerVariant: isPartnerVariant
        )
    }
}

extension InboundFileName: CustomStringConvertible {
    /// The name as it is written, with a timestamp of at least ten digits.
    package var description: String {
        var name = isPartnerVariant ? "ftp_dpm_odc_\(dataSource)" : "ftp_dpm_\(dataSource)"
        if let traitDataSource { name += "_\(traitDataSource)" }
        name += "_\(DecimalDigits.text(timestamp, padded: 10)).\(kind.rawValue)"
        if let part { name += ".\(part)" }
        switch compression {
        case .none: break
        case .gzip: name += ".gz"
        case .pgp: name += ".pgp"
        }
        return name
    }
}

extension InboundFileName.Compression {
    /// The compression that this last piece of a name stands for, if it does.
    fileprivate init?(word: Substring) {
        switch word {
        case "gz": self = .gzip
        case "pgp", "gpg": self = .pgp
        default: return nil
        }
    }
}
