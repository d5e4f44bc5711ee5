// SPDX-License-Identifier: Apache-2.0

import Foundation
import Terminal

/// A privacy request as commands show it; holds no ID.
struct PrivacyRequestReport: Report {
    let number: Int
    let kind: String
    let state: String
    let dataSource: Int
    /// How many IDs it reached.
    let ids: Int
    let requested: String
    let ended: String?
    /// For how many whole days it has been waiting, or took.
    let days: Int
    /// Whether it is a deletion that has waited for more than 30 days.
    let isOverdue: Bool
    /// Why it waits.
    let waitsFor: [String]?

    init(_ request: PrivacyRequest, at now: Int64, waitsFor: [String]?) {
        number = request.number
        kind = request.kind.rawValue
        state = request.state.rawValue
        dataSource = request.dataSource
        ids = request.ids
        requested = Self.text(request.requested)
        ended = request.ended.map(Self.text)
        days = request.days(until: now)
        isOverdue = request.isOverdue(at: now)
        self.waitsFor = waitsFor
    }

    private static func text(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds / 1000)).formatted(.iso8601)
    }

    var text: String {
        let head = "\(number): \(kind), \(state), \(ids.grouped) IDs, \(requested)"
        return ([head] + (waitsFor ?? []).map { "  \($0)" }).joined(separator: "\n")
    }
}
