// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Transfer

@Suite struct FingerprintTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func `the checksum is the published SHA-256`(_ text: String, _ hex: String) {
        let fingerprint = Fingerprint(of: Array(text.utf8))
        let digits = fingerprint.sha256.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(digits == hex)
        #expect(fingerprint.byteCount == text.utf8.count)
    }

    @Test func `a file and the same bytes in memory agree`() throws {
        let account = try AccountFolder()
        let text = String(repeating: "0123456789", count: 300_000)
        try account.put(text, at: "file")
        #expect(try Fingerprint(ofLocalFile: account.path + "/file") == Fingerprint(of: Array(text.utf8)))
    }

    @Test func `a missing file and a folder are told as local`() throws {
        let account = try AccountFolder()
        #expect(throws: TransferError.localFile(errno: 2)) {
            try Fingerprint(ofLocalFile: account.path + "/no")
        }
        #expect(throws: TransferError.localFile(errno: 21)) { try Fingerprint(ofLocalFile: account.path) }
    }
}
