// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Testing

@Suite struct OrganizationIDTests {
    @Test(arguments: ["5DC5123F5245B1D20A490D46@AdobeOrg", "shop", "shop@example.com", "A", "a_b-c.d@Org2"])
    func `Adobe's IDs and names of one's own are read`(text: String) {
        #expect(OrganizationID(text)?.text == text)
    }

    @Test(arguments: [
        "", "@AdobeOrg", "5dc5123f5245b1d20a490d46@AdobeOrg", "5DC5123F5245B1D20A490D4@AdobeOrg", "a b", "a@",
        "a@b@c",
        "-a", "a/b", "ä", "a\n", String(repeating: "a", count: 65),
    ])
    func `anything else is refused`(text: String) {
        #expect(OrganizationID(text) == nil)
    }
}
