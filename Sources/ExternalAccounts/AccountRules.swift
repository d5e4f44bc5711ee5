// SPDX-License-Identifier: Apache-2.0

/// How files of an account are treated: which are read, what happens to them afterwards, how long ours stay.
package struct AccountRules: Sendable, Equatable, Codable {
    /// What happens to a file once it was imported.
    package enum AfterReading: Sendable, Equatable, Codable {
        /// It stays where it is.
        case keep
        /// It is deleted.
        case delete
        /// It is moved to a folder of the account.
        case move(folder: String)
    }

    /// Which files are read: a name with `*` for any characters, nothing for all.
    package var pattern: String?

    /// What happens to a file once it was imported.
    package var afterReading: AfterReading

    /// After how many days files that we wrote are deleted, nothing for never.
    package var retentionDays: Int?

    /// The seconds between two looks while watching, nothing for what suits the type.
    package var pollSeconds: Int?

    /// How many seconds a server may stay without an answer, nothing for what suits the type.
    package var timeoutSeconds: Int?

    /// Whether files are only read: nothing is shared to the account, and a check of it leaves no probe.
    package var isReadOnly: Bool {
        get { readOnly ?? false }
        set { readOnly = newValue ? true : nil }
    }

    /// Not there in rules that were stored before it could be said.
    private var readOnly: Bool?

    package init(
        pattern: String? = nil,
        afterReading: AfterReading = .keep,
        retentionDays: Int? = nil,
        pollSeconds: Int? = nil,
        timeoutSeconds: Int? = nil,
        isReadOnly: Bool = false
    ) {
        self.pattern = pattern
        self.afterReading = afterReading
        self.retentionDays = retentionDays
        self.pollSeconds = pollSeconds
        self.timeoutSeconds = timeoutSeconds
        self.isReadOnly = isReadOnly
    }

    /// Whether a file of this name is read.
    ///
    /// - Parameter name: The last component of its path, as bytes.
    /// - Returns: `true` where there is no pattern, or the whole name fits it.
    package func takes(_ name: [UInt8]) -> Bool {
        guard let pattern else { return true }
        return Self.fits(name[...], Array(pattern.utf8)[...])
    }

    private static func fits(_ name: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
        let star = UInt8(ascii: "*")
        var (name, pattern) = (name, pattern)
        var resume: (name: ArraySlice<UInt8>, pattern: ArraySlice<UInt8>)?
        while let byte = name.first {
            if pattern.first == star {
                pattern.removeFirst()
                resume = (name, pattern)
            } else if pattern.first == byte {
                pattern.removeFirst()
                name.removeFirst()
            } else if let earlier = resume {
                // The latest star takes one more byte.
                resume = (earlier.name.dropFirst(), earlier.pattern)
                (name, pattern) = (earlier.name.dropFirst(), earlier.pattern)
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == star }
    }
}
