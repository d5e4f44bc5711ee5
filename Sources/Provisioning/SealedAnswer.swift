// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Problems

/// An answer that only the Campaign which wrote the request can open.
///
/// HPKE (RFC 9180) in base mode: X25519, HKDF with SHA-256, ChaCha20-Poly1305. The request's digest is part of the key,
/// so an answer to a request that was altered on its way opens nowhere.
package struct SealedAnswer: Sendable {
    private static let mark = "tallystick-answer-1"
    private static let suite = HPKE.Ciphersuite.Curve25519_SHA256_ChachaPoly
    private static let keyByteCount = 32

    /// The ID of the request that is answered.
    package let request: String
    private let encapsulatedKey: Data
    private let ciphertext: Data

    /// Seals an answer.
    ///
    /// - Parameters:
    ///   - answer: The answer.
    ///   - request: The request, whose key it is sealed to.
    /// - Throws: `CryptoKitError` when the key is none.
    package init(_ answer: ProvisioningAnswer, to request: ProvisioningRequest) throws {
        self.request = request.request
        let key = try Curve25519.KeyAgreement.PublicKey(
            rawRepresentation: Base64URL.decode(request.publicKey) ?? Data()
        )
        var sender = try HPKE.Sender(
            recipientKey: key,
            ciphersuite: Self.suite,
            info: Self.info(request)
        )
        ciphertext = try sender.seal(
            JSONEncoder().encode(answer),
            authenticating: Self.header(request.request)
        )
        encapsulatedKey = sender.encapsulatedKey
    }

    /// Reads an answer's text; blanks and line ends that a mail put into it do no harm.
    ///
    /// - Parameter text: What ``text`` wrote.
    /// - Throws: ``Problem`` of kind `provisioning.answer-refused`.
    package init(parsing text: String) throws {
        let parts = text.filter { !$0.isWhitespace }.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == Self.mark,
            parts[1].wholeMatch(of: /PR[0-9a-f]{12}/) != nil,
            let bytes = Base64URL.decode(String(parts[2])), bytes.count > Self.keyByteCount
        else {
            throw Problem(
                .answerRefused,
                "This is no text of a provisioning answer, or a part of it is missing.",
                field: "answer"
            )
        }
        request = String(parts[1])
        encapsulatedKey = bytes.prefix(Self.keyByteCount)
        ciphertext = bytes.dropFirst(Self.keyByteCount)
    }

    /// The text that is handed over: one line of letters, digits, `-`, `_` and `.`.
    package var text: String { "\(Self.mark).\(request).\(Base64URL.encode(encapsulatedKey + ciphertext))" }

    /// Opens the answer.
    ///
    /// - Parameters:
    ///   - key: The key pair of the request.
    ///   - request: The request as Campaign wrote it.
    /// - Returns: The answer.
    /// - Throws: ``Problem`` of kind `provisioning.answer-unreadable`.
    package func opened(with key: ProvisioningKey, for request: ProvisioningRequest) throws
        -> ProvisioningAnswer
    {
        do {
            var recipient = try HPKE.Recipient(
                privateKey: key.key,
                ciphersuite: Self.suite,
                info: Self.info(request),
                encapsulatedKey: encapsulatedKey
            )
            let text = try recipient.open(ciphertext, authenticating: Self.header(self.request))
            let answer = try JSONDecoder().decode(ProvisioningAnswer.self, from: text)
            guard answer.request == request.request, answer.request == self.request else {
                throw CryptoKitError.authenticationFailure
            }
            return answer
        } catch {
            throw Problem(
                .answerUnreadable,
                "The answer to \(self.request) does not open: it was altered, or made for another text of the request."
            )
        }
    }

    private static func info(_ request: ProvisioningRequest) -> Data {
        Data("\(mark)\0".utf8) + Data(request.digest)
    }

    private static func header(_ request: String) -> Data { Data("\(mark).\(request)".utf8) }
}
