// SPDX-License-Identifier: Apache-2.0

import Testing
import Web

@Suite struct ListenAddressTests {
    @Test(arguments: [
        ("127.0.0.1:8081", "127.0.0.1", 8081), ("[::1]:0", "::1", 0),
        ("localhost:65535", "localhost", 65_535),
    ])
    func `host and port are read`(text: String, host: String, port: Int) throws {
        let address = try ListenAddress(text)
        #expect(address == ListenAddress(host: host, port: port))
        #expect(address.description == text)
    }

    @Test(arguments: ["", "127.0.0.1", ":8081", "::1:8081", "host:65536", "host:-1", "host name:80", "host:"])
    func `anything else is refused`(text: String) async {
        #expect(await code { _ = try ListenAddress(text) } == "web.address-refused")
    }
}
