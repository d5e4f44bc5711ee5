// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Problems
import Storage

/// What Campaign asks a People service for: the fields that a mail or a support ticket has elsewhere (domain 7), and
/// the key to which the answer is sealed.
///
/// It holds no secret: the private half of the key never leaves Campaign.
package struct ProvisioningRequest: Sendable, Equatable, Codable {
    /// What the organization uses on the other side.
    package enum Product: String, Sendable, Codable, CaseIterable {
        /// The People service alone.
        case people
        /// Audience Manager; a licence of it is owned.
        case audienceManager = "audience-manager"
    }

    /// IDs under which audiences are to be exchanged.
    package enum IDKind: String, Sendable, Codable, CaseIterable {
        /// IDs that the organization chose: plain, hashed or encrypted.
        case declared
        /// Visitor IDs of 38 digits.
        case visitor
    }

    /// The fixed text of the request type.
    package static let type = "Configure Audience Manager / People core service – Campaign integration"

    /// The first version of the text's form.
    package static let version = 1

    /// The ID: `PR` and 12 hex digits.
    package let request: String
    /// The form of the text.
    package let version: Int
    /// The fixed text.
    package let requestType: String
    /// The organization's name, for people.
    package let organizationName: String
    /// The organization's ID, like `5DC5123F5245B1D20A490D46@AdobeOrg`.
    package let organizationID: String
    /// For example `Production`.
    package let environment: String
    package let product: Product
    /// Under which IDs, one or both, each once.
    package let ids: [IDKind]
    /// Anything else that people want to say.
    package let additionalInformation: String
    /// The X25519 key to which the answer is sealed, 32 bytes in base64url.
    package let publicKey: String
    /// When it was written, in milliseconds since 1970.
    package let created: Int64

    /// Writes a request.
    ///
    /// - Parameters:
    ///   - organizationName: The organization's name, 1 to 255 characters on one line.
    ///   - organizationID: The organization's ID, as ``OrganizationID`` reads it.
    ///   - environment: 1 to 255 characters on one line.
    ///   - product: What is used on the other side.
    ///   - ids: Under which IDs.
    ///   - additionalInformation: Up to 4,000 characters.
    ///   - key: The public key.
    ///   - world: Time, and the randomness of the ID.
    /// - Throws: ``Problem`` of kind `provisioning.request-refused` that names the field.
    package init(
        organizationName: String,
        organizationID: String,
        environment: String,
        product: Product,
        ids: [IDKind],
        additionalInformation: String,
        key: ProvisioningKey,
        _ world: World
    ) throws {
        request = "PR" + world.randomHex(6)
        version = Self.version
        requestType = Self.type
        self.organizationName = organizationName
        self.organizationID = organizationID
        self.environment = environment
        self.product = product
        self.ids = IDKind.allCases.filter(ids.contains)
        self.additionalInformation = additionalInformation
        publicKey = key.publicText
        created = world.milliseconds
        try check()
    }

    /// Reads a request's text.
    ///
    /// - Parameter text: JSON as ``text`` wrote it; spaces and line ends may have changed on the way.
    /// - Throws: ``Problem`` of kind `provisioning.request-refused`.
    package init(parsing text: String) throws {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
        } catch {
            throw Problem(.requestRefused, "This is no text of a provisioning request.", field: "request")
        }
        guard version == Self.version, requestType == Self.type else {
            throw Problem(
                .requestRefused,
                "The request is of another type or version than this program knows.",
                advice: "Use the same version of Tallystick on both sides.",
                field: "request"
            )
        }
        try check()
    }

    /// The text that is handed over: JSON.
    package var text: String { encoded([.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]) }

    /// What two people compare to be sure that they have the same request: 80 bits of its SHA-256.
    package var fingerprint: String {
        digest.prefix(10).enumerated().map { index, byte in
            (index > 0 && index % 2 == 0 ? "-" : "") + String(byte >> 4, radix: 16)
                + String(byte & 15, radix: 16)
        }
        .joined()
    }

    /// SHA-256 of all fields, whatever spaces and line ends the text has.
    var digest: [UInt8] {
        Array(SHA256.hash(data: Data(encoded([.sortedKeys, .withoutEscapingSlashes]).utf8)))
    }

    private func encoded(_ format: JSONEncoder.OutputFormatting) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = format
        // Texts, numbers and lists of them can always be written.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private func check() throws {
        func refuse(_ summary: String, _ field: String) -> Problem {
            Problem(.requestRefused, summary, field: field)
        }
        guard request.wholeMatch(of: /PR[0-9a-f]{12}/) != nil else {
            throw refuse("The ID of a request is PR and 12 hex digits.", "request")
        }
        guard OrganizationID(organizationID) != nil else { throw refuse(OrganizationID.form, "organization") }
        for (text, field) in [(organizationName, "organization-name"), (environment, "environment")] {
            guard !text.isEmpty, text.count <= 255, text.isOneLine else {
                throw refuse("--\(field) takes 1 to 255 characters on one line.", field)
            }
        }
        guard additionalInformation.count <= 4_000, additionalInformation.isOneLine else {
            throw refuse("--information takes up to 4,000 characters on one line.", "information")
        }
        guard !ids.isEmpty, Set(ids).count == ids.count else {
            throw refuse("A request is for declared IDs, visitor IDs or both.", "ids")
        }
        guard Base64URL.decode(publicKey)?.count == 32 else {
            throw refuse("The public key is no X25519 key.", "request")
        }
    }
}
