// SPDX-License-Identifier: Apache-2.0

import Terminal

/// What the key doctor found out about a value and what a website sent for it; it holds neither of them.
struct KeyDiagnosis: Sendable, Encodable {
    /// How a sample relates to the definition of the data source.
    enum Verdict: String, Sendable, Encodable {
        /// The definition leads from the value to what was sent: IDs reconcile.
        case agrees
        /// Something else than the definition leads there.
        case explained
        /// Nothing that was tried leads there.
        case unexplained
    }

    /// The combination that explains a sample.
    struct Found: Sendable, Equatable, Encodable {
        /// The website's steps such as `trim,lower`, or `none`.
        let normalization: String
        /// The website's algorithm such as `sha256`.
        let algorithm: String
        /// How the website writes the ID, such as `hex`.
        let encoding: String
        /// How it deviates from the definition; empty where it doesn't.
        let deviation: String
    }

    /// A kind of combinations.
    struct Category: Sendable, Equatable, Encodable {
        /// What they have in common.
        let category: String
        /// How many of them were tried.
        let tried: Int
    }

    /// How the sample relates to the definition.
    let verdict: Verdict

    /// What explains the sample, if anything does.
    let found: Found?

    /// What to change, and on which side.
    let advice: [String]

    /// How many combinations were tried, by category.
    let categories: [Category]

    /// How many combinations were tried.
    var tried: Int { categories.reduce(0) { $0 + $1.tried } }

    private enum Key: CodingKey {
        case verdict
        case found
        case advice
        case tried
        case categories
    }

    /// Writes the keys `verdict`, `found` (null where nothing explains the sample), `advice`, `tried`, `categories`.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(verdict, forKey: .verdict)
        try container.encode(found, forKey: .found)
        try container.encode(advice, forKey: .advice)
        try container.encode(tried, forKey: .tried)
        try container.encode(categories, forKey: .categories)
    }
}

extension KeyDiagnosis: Report {
    /// The verdict, what was found and what to do, line by line.
    var text: String {
        var lines: [String] = []
        switch verdict {
        case .agrees: lines.append("The sample agrees with the definition of the data source.")
        case .explained:
            lines.append("The sample is explained, but not by the definition of the data source.")
        case .unexplained: lines.append("The sample is unexplained.")
        }
        if let found {
            lines.append("  normalization  \(found.normalization)")
            lines.append("  algorithm      \(found.algorithm)")
            lines.append("  encoding       \(found.encoding)")
            if !found.deviation.isEmpty { lines.append("  deviation      \(found.deviation)") }
        }
        lines += advice.map { "- \($0)" }
        guard verdict == .unexplained else { return lines.joined(separator: "\n") }
        lines.append("Tried:")
        var table = TextTable("COMBINATIONS OF", "TRIED")
        for category in categories { table.add(category.category, category.tried.grouped) }
        table.add("all", tried.grouped)
        return (lines + [table.text]).joined(separator: "\n")
    }
}
