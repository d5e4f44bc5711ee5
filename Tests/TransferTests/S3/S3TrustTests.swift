// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Testing

@testable import Transfer

/// Servers on one's own premises, whose certificates nobody but one's own authority signed.
@Suite(.enabled(if: S3Server.isInstalled, "OpenStack Swift is not installed: scripts/install-packages test"))
struct S3TrustTests {
    /// An authority of our own and a certificate that it signed for a name of this machine.
    private struct Certificates {
        let folder: AccountFolder
        let authority: String

        init(for name: String) throws {
            folder = try AccountFolder()
            let path = folder.path
            let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
            func openssl(_ arguments: [String]) throws {
                _ = try output(of: "/usr/bin/openssl", arguments)
            }
            try openssl(
                ["req", "-x509", "-subj", "/CN=Our authority", "-days", "2", "-keyout", path + "/ca.key"]
                    + ["-out", path + "/ca.pem"] + newKey
            )
            try openssl(
                ["req", "-x509", "-subj", "/CN=s3", "-days", "2", "-CA", path + "/ca.pem"]
                    + ["-CAkey", path + "/ca.key", "-addext", "subjectAltName=\(name)"]
                    + ["-addext", "basicConstraints=critical,CA:FALSE"]
                    + ["-keyout", path + "/s3.key", "-out", path + "/s3.pem"] + newKey
            )
            authority = try folder.contents(of: "ca.pem")
        }

        func proxy(to port: UInt16) async throws -> TLSProxy {
            try await TLSProxy(to: port, certificate: folder.path + "/s3.pem", key: folder.path + "/s3.key")
        }
    }

    private func settings(_ account: PartnerBucket, _ proxy: TLSProxy) throws -> S3Settings {
        let usual = try account.settings()
        return try S3Settings(
            server: usual.server,
            accessKeyID: usual.accessKeyID,
            secretAccessKey: usual.secretAccessKey,
            region: usual.region,
            endpoint: S3Endpoint("https://127.0.0.1:\(proxy.port)")
        )
    }

    @Test func `a server is trusted only when its authority is`() async throws {
        let account = try await PartnerBucket()
        let certificates = try Certificates(for: "IP:127.0.0.1")
        let proxy = try await certificates.proxy(to: account.server.port)
        var settings = try settings(account, proxy)

        let steps = await ConnectionCheck(of: S3Transport(settings), probeID: "1") {
            S3Time.systemNanoseconds()
        }.run()
        let failed = try #require(steps.first { $0.outcome != .ok })
        #expect(failed.name == .tls)
        let reason = "the server's certificate has expired, or nobody that is trusted here signed it"
        #expect(failed.outcome == .failed(.tlsRefused(reason: reason)))
        await #expect(throws: TransferError.tlsRefused(reason: reason)) {
            try await S3Transport(settings).publish("x", as: "a")
        }
        #expect(try await account.names() == [])

        // Another authority does not help, the right one does.
        try settings.trust(Certificates(for: "IP:127.0.0.1").authority)
        await #expect(throws: TransferError.tlsRefused(reason: reason)) {
            try await S3Transport(settings).list()
        }
        try settings.trust(certificates.authority)
        let transport = S3Transport(settings)
        try await transport.publish("x", as: "a")
        #expect(try await transport.contents(of: RemotePath("a")) == Array("x".utf8))
        let again = await ConnectionCheck(of: transport, probeID: "1") { S3Time.systemNanoseconds() }.run()
        #expect(again.allSatisfy { $0.outcome == .ok || $0.name == .space })
    }

    @Test func `a certificate for another name is refused, whoever signed it`() async throws {
        let account = try await PartnerBucket()
        let certificates = try Certificates(for: "DNS:elsewhere.example")
        let proxy = try await certificates.proxy(to: account.server.port)
        var settings = try settings(account, proxy)
        try settings.trust(certificates.authority)
        let error = await #expect(throws: TransferError.self) { try await S3Transport(settings).list() }
        #expect(error == .tlsRefused(reason: "the server's certificate is for another name"))
    }

    @Test func `a server that does not speak TLS is told so`() async throws {
        let account = try await PartnerBucket()
        let usual = try account.settings()
        let settings = try S3Settings(
            server: usual.server,
            accessKeyID: usual.accessKeyID,
            secretAccessKey: usual.secretAccessKey,
            region: usual.region,
            endpoint: S3Endpoint("https://127.0.0.1:\(account.server.port)")
        )
        await #expect(throws: TransferError.tlsRefused(reason: "the server does not speak TLS at this port"))
        {
            try await S3Transport(settings).list()
        }
    }

    @Test(arguments: [
        (
            "SSL routines:OPENSSL_internal:TLSV1_ALERT_PROTOCOL_VERSION at /a/b.cc:1",
            "tlsv1 alert protocol version"
        ),
        ("something else", "something else"),
    ])
    func `the reason is told without the place in a library's source`(_ message: String, _ reason: String) {
        #expect(S3Client.reason(ofTLS: message) == reason)
    }

    @Test func `what is no certificate is refused`() async throws {
        let account = try await PartnerBucket()
        var settings = try account.settings()
        let certificates = try Certificates(for: "IP:127.0.0.1")
        let key = try certificates.folder.contents(of: "ca.key")
        for text in ["", "not PEM", certificates.authority + key] {
            #expect(throws: S3SettingsError.authority) { try settings.trust(text) }
        }
    }
}
