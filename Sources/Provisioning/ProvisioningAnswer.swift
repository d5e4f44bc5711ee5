// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts

/// What the People service made for a request: everything that Campaign needs to exchange audiences with it.
///
/// It holds secrets, and so travels only as a ``SealedAnswer``.
package struct ProvisioningAnswer: Sendable, Equatable, Codable {
    /// A storage area with what signs in to it.
    package struct Area: Sendable, Equatable, Codable {
        /// What kind of storage it is, with its settings.
        package enum Place: Sendable, Equatable, Codable {
            case folder(path: String)
            case sftp(SFTPAccount)
            case s3(S3Account)
        }

        package var place: Place
        package var secrets: AccountSecrets

        package init(_ place: Place, _ secrets: AccountSecrets = AccountSecrets()) {
            self.place = place
            self.secrets = secrets
        }
    }

    /// A data source and the destination that sends segments under its IDs.
    package struct Source: Sendable, Equatable, Codable {
        package let kind: ProvisioningRequest.IDKind
        package let number: Int
        package let name: String
        package let integrationCode: String
        package let destination: Int

        package init(
            kind: ProvisioningRequest.IDKind,
            number: Int,
            name: String,
            integrationCode: String,
            destination: Int
        ) {
            self.kind = kind
            self.number = number
            self.name = name
            self.integrationCode = integrationCode
            self.destination = destination
        }
    }

    /// What the test of the exchange uses: it shares into the trait, and follows the segment back.
    package struct Test: Sendable, Equatable, Codable {
        package let kind: ProvisioningRequest.IDKind
        package let trait: Int
        package let segment: String

        package init(kind: ProvisioningRequest.IDKind, trait: Int, segment: String) {
            self.kind = kind
            self.trait = trait
            self.segment = segment
        }
    }

    /// Where the People service answers, and what it lets in with.
    package struct API: Sendable, Equatable, Codable {
        package let url: String
        package let token: String

        package init(url: String, token: String) {
            self.url = url
            self.token = token
        }
    }

    /// The ID of the request.
    package let request: String
    /// A random word that makes this answer good once.
    package let code: String
    /// When it was written, and until when it is good, in milliseconds since 1970.
    package let issued: Int64
    package let expires: Int64
    package let organizationID: String
    /// Where Campaign leaves inbound files.
    package let inbound: Area
    /// Where Campaign finds outbound files.
    package let outbound: Area
    package let sources: [Source]
    package let test: Test?
    /// Nothing where the People service has no API that Campaign could reach.
    package let api: API?

    package init(
        request: String,
        code: String,
        issued: Int64,
        expires: Int64,
        organizationID: String,
        inbound: Area,
        outbound: Area,
        sources: [Source],
        test: Test?,
        api: API?
    ) {
        self.request = request
        self.code = code
        self.issued = issued
        self.expires = expires
        self.organizationID = organizationID
        self.inbound = inbound
        self.outbound = outbound
        self.sources = sources
        self.test = test
        self.api = api
    }

    /// The data source of one kind of IDs, if it was asked for.
    package func source(_ kind: ProvisioningRequest.IDKind) -> Source? { sources.first { $0.kind == kind } }
}

extension ProvisioningAnswer.Area {
    /// The area of an account.
    ///
    /// - Parameters:
    ///   - account: The account.
    ///   - secrets: Its secrets, opened.
    /// - Returns: The area; nothing for an account without settings.
    package static func of(_ account: ExternalAccount, _ secrets: AccountSecrets) -> Self? {
        switch account.settings {
        case .unconfigured: nil
        case .folder(let path): Self(.folder(path: path))
        case .sftp(let server): Self(.sftp(server), secrets)
        case .s3(let bucket): Self(.s3(bucket), secrets)
        }
    }

    /// The settings of an account for the area.
    package var settings: ExternalAccount.Settings {
        switch place {
        case .folder(let path): .folder(path: path)
        case .sftp(let server): .sftp(server)
        case .s3(let bucket): .s3(bucket)
        }
    }
}
