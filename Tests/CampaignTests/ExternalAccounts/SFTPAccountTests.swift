// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Storage
import Testing

@Suite struct SFTPAccountTests {
    @Test(arguments: ["sftp.example.org", "sftp", "127.0.0.1", "::1", "fe80::1%eth0", "münchen.example"])
    func `a name and an address are hosts`(_ text: String) {
        #expect(SFTPAccount.isHost(text))
    }

    @Test(arguments: [
        "", " ", "sftp.example.org:22", "sftp://sftp.example.org", "u@sftp.example.org",
        "sftp.example.org/in", "[::1]",
        "a b",
    ])
    func `whatever holds more than a name or an address is none`(_ text: String) {
        #expect(!SFTPAccount.isHost(text))
    }

    @Test(arguments: [
        ("sftp.example.org", "/in", "u@sftp.example.org:22/in"),
        ("sftp.example.org", "in", "u@sftp.example.org:22/~/in"),
        ("::1", "/in", "u@[::1]:22/in"),
    ])
    func `the place is told like an address`(_ host: String, _ path: String, _ place: String) {
        let settings = SFTPAccount(host: host, user: "u", path: path, hostKeys: [])
        #expect(ExternalAccount(id: "a", label: "A", settings: .sftp(settings)).place == place)
    }
}
