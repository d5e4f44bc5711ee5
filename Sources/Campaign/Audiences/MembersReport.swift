// SPDX-License-Identifier: Apache-2.0

import Matching
import Storage
import Terminal

/// Members of an audience for display.
package struct MembersReport: Report {
    struct Member: Encodable {
        let profile: ProfileNumber
        let externalId: String?
        let email: String?
    }

    let audience: String
    let count: Int
    let members: [Member]
    let addresses: [String]

    package var text: String {
        if members.isEmpty {
            return addresses.isEmpty ? "\(audience) has no members" : addresses.joined(separator: "\n")
        }
        var table = TextTable("PROFILE", "EXTERNAL ID", "EMAIL")
        for member in members {
            table.add(String(member.profile), member.externalId ?? "", member.email ?? "")
        }
        let rest = count - members.count
        return table.text + (rest > 0 ? "\n… and \(rest.grouped) more (--limit 0 shows all)" : "")
    }
}
