// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Transfer

@Suite struct S3EndpointTests {
    @Test(arguments: [
        "http://localhost", "http://LOCALHOST:8080", "http://127.0.0.1:9000", "http://127.8.8.8",
        "http://[::1]:9000",
        "https://s3.example.org", "https://10.0.0.1:9000",
    ])
    func `this machine and TLS let nobody read along`(_ url: String) throws {
        #expect(try !S3Endpoint(url).isExposed)
    }

    @Test(arguments: [
        "http://s3.example.org", "http://10.0.0.1:9000", "http://128.0.0.1", "http://127.0.0.1.example.org",
        "http://localhost.example.org", "http://[::2]", "http://[2001:db8::1]:9000", "http://0.0.0.0",
        "http://[::]",
        "http://127.example.org", "HTTP://s3.example.org",
    ])
    func `http to any other machine is exposed`(_ url: String) throws {
        #expect(try S3Endpoint(url).isExposed)
    }
}
