// SPDX-License-Identifier: Apache-2.0

import Problems
import Transfer

/// How to reach a bucket of Amazon S3 or of a server that speaks its protocol; the secret is in ``AccountSecrets``.
package struct S3Account: Sendable, Equatable, Codable {
    /// `BUCKET.s3.amazonaws.com/PATH`, without the region.
    package var receiverServer: String

    /// The access key ID, which is no secret.
    package var accessKeyID: String

    /// The region, for example `us-east-2`.
    package var region: String

    /// Whether the storage encrypts files at rest under its own keys (SSE-S3).
    package var isEncrypted: Bool

    /// The address of an S3-compatible server, nothing for Amazon's.
    package var endpoint: String?

    /// Whether the bucket belongs to somebody else, who then is given full control of what we write.
    package var isForeign: Bool

    /// Certificates of authorities that are trusted besides the system's, as PEM text.
    package var authorities: String?

    package init(
        receiverServer: String,
        accessKeyID: String,
        region: String,
        isEncrypted: Bool = false,
        endpoint: String? = nil,
        isForeign: Bool = false,
        authorities: String? = nil
    ) {
        self.receiverServer = receiverServer
        self.accessKeyID = accessKeyID
        self.region = region
        self.isEncrypted = isEncrypted
        self.endpoint = endpoint
        self.isForeign = isForeign
        self.authorities = authorities
    }
}

extension S3Account {
    /// Checks what a person gave, without talking to any server.
    ///
    /// - Throws: ``Problem`` of kind `accounts.refused` that names the option and the right form.
    package func check() throws {
        _ = try settings(AccountSecrets())
    }

    /// Whether files and listings cross a network unencrypted: an endpoint of `http://` that is not this machine.
    package var isExposed: Bool {
        guard let endpoint, let place = try? S3Endpoint(endpoint) else { return false }
        return place.isExposed
    }

    /// Refuses an endpoint without encryption that is not this machine.
    ///
    /// The signature keeps the secret and what we write from being forged, not from being read; answers have none.
    ///
    /// - Throws: ``Problem`` of kind `accounts.refused`.
    package func requireEncryption() throws {
        guard isExposed else { return }
        throw Problem(
            .accountRefused,
            "Without https, everybody on the way can read the files and change what is received.",
            advice: """
                Give the server's https:// address, with --ca-file where its certificate is your own; or, on a \
                network that you trust, add --allow-http.
                """,
            field: "endpoint"
        )
    }

    /// The settings of the transport.
    func settings(_ secrets: AccountSecrets) throws -> S3Settings {
        do throws(S3SettingsError) {
            var settings = try S3Settings(
                server: ReceiverServer(receiverServer),
                accessKeyID: accessKeyID,
                secretAccessKey: S3Secret(secrets.secretAccessKey ?? ""),
                region: region,
                endpoint: endpoint.map { (text) throws(S3SettingsError) in try S3Endpoint(text) }
            )
            settings.isEncrypted = isEncrypted
            settings.isGrantingBucketOwner = isForeign
            if let authorities { try settings.trust(authorities) }
            return settings
        } catch {
            throw error.problem
        }
    }
}

extension S3SettingsError {
    /// The error as a problem that says which option is wrong and how it is written.
    var problem: Problem {
        let (summary, field): (String, String) =
            switch self {
            case .notAReceiverServer:
                ("The receiver server is BUCKET.s3.amazonaws.com/PATH.", "receiver-server")
            case .otherForm(let right):
                ("The receiver server is written without the region, as \(right).", "receiver-server")
            case .bucketName(let name):
                (
                    "\(name) is no name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens.",
                    "receiver-server"
                )
            case .path(let path): ("\(path) is no folder of a bucket.", "receiver-server")
            case .region: ("A region is one word such as us-east-2.", "region")
            case .endpoint: ("An endpoint is https://HOST or https://HOST:PORT.", "endpoint")
            case .accessKeyID: ("That is no access key ID.", "access-key-id")
            case .authority: ("The file of --ca-file is not certificates in PEM alone.", "ca-file")
            }
        return Problem(.accountRefused, summary, field: field)
    }
}
