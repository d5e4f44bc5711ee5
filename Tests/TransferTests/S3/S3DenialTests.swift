// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Testing

@testable import Transfer

/// Refusals that come without a reason, since answers to `HEAD` have no body.
@Suite(.enabled(if: S3Server.isInstalled, "OpenStack Swift is not installed: scripts/install-packages test"))
struct S3DenialTests {
    @Test func `a wrong secret is told from a missing right when a file is read`() async throws {
        let account = try await PartnerBucket()
        try await account.put("x", at: "a")
        let path = try RemotePath("a")
        let wrong = S3Transport(try account.settings(secret: "wrong-secret-key"))
        let refused = TransferError.signInRefused(detail: "SignatureDoesNotMatch")
        await #expect(throws: refused) { try await wrong.read(path) }
        await #expect(throws: refused) { try await wrong.move(path, to: RemotePath("b")) }

        await #expect(throws: TransferError.denied(path, errno: EACCES)) {
            try await S3Transport(account.strangerSettings()).read(path)
        }
    }
}
