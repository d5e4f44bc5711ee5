// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Problems
import Storage
import Testing

@testable import Campaign

/// Texts of people that are printed again: nothing in them may steer a terminal.
@Suite struct OneLineTests {
    private static let texts = ["red \u{1B}[31m", "two\nlines", "a\u{85}b", "a\u{2028}b", "bell\u{7}"]

    @Test(arguments: texts)
    func `a label of an audience, a data source or an account is one line`(text: String) async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        let audience = await problem {
            _ = try Audiences(test.campaign).query(label: text, filter: "email is empty")
        }
        #expect(audience?.field == "label")
        var draft = SharedDataSourceDraft(id: "Other", label: text, number: 9, key: "email")
        let source = await problem { try await test.source(draft) }
        #expect(source?.field == "label")
        draft.label = nil
        draft.comment = text
        let comment = await problem { try await test.source(draft) }
        #expect(comment?.field == "comment")
        let edit = await problem {
            _ = try SharedDataSources(test.campaign).edit(SharedDataSource.ID("Plain")) {
                $0 = $0.changing(label: text)
            }
        }
        #expect(edit?.field == "label")
        let account = await problem {
            try test.campaign.write { database in
                try ExternalAccountStore().save(
                    ExternalAccount(id: "Third", label: text, settings: .folder(path: "/tmp")),
                    in: database
                )
            }
        }
        #expect(account?.field == "label")
    }

    @Test func `letters, marks and emoji of all languages are one line`() {
        #expect("Frühlingsgäste 春 👩‍👩‍👧 (été) עברית".isOneLine)
    }
}
