// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import Problems
import Storage
import Testing

@testable import Provisioning

@Suite struct SealedAnswerTests {
    private let key = ProvisioningKey()

    private func request(_ environment: String = "Production") throws -> ProvisioningRequest {
        try ProvisioningRequest(
            organizationName: "Example Shops",
            organizationID: "5DC5123F5245B1D20A490D46@AdobeOrg",
            environment: environment,
            product: .audienceManager,
            ids: [.visitor, .declared],
            additionalInformation: "",
            key: key,
            World()
        )
    }

    private func answer(_ request: ProvisioningRequest) -> ProvisioningAnswer {
        ProvisioningAnswer(
            request: request.request,
            code: "c0de",
            issued: 1,
            expires: 2,
            organizationID: request.organizationID,
            inbound: .init(
                .sftp(SFTPAccount(host: "sftp.example.org", user: "u", path: "/in", hostKeys: ["SHA256:x"])),
                AccountSecrets(password: "pass word")
            ),
            outbound: .init(.folder(path: "/out")),
            sources: [.init(kind: .declared, number: 1, name: "n", integrationCode: "c", destination: 2)],
            test: .init(kind: .declared, trait: 3, segment: "4"),
            api: .init(url: "http://127.0.0.1:8081", token: "t")
        )
    }

    @Test func `an answer opens with the key of its request, whatever a mail does to its lines`() throws {
        let request = try request()
        let text = try SealedAnswer(answer(request), to: request).text
        #expect(text.wholeMatch(of: /tallystick-answer-1\.PR[0-9a-f]{12}\.[A-Za-z0-9_-]+/) != nil)
        #expect(!text.contains("pass"))
        let wrapped = text.enumerated().map {
            $0.offset % 70 == 69 ? "\($0.element)\r\n > ".filter { $0 != ">" } : "\($0.element)"
        }
        .joined()
        let opened = try SealedAnswer(parsing: wrapped).opened(with: key, for: request)
        #expect(opened == answer(request))
    }

    @Test func `a request keeps its fingerprint when its spaces change, and no other text has it`() throws {
        let request = try request()
        let again = try ProvisioningRequest(parsing: request.text.replacing("\n", with: "\r\n  "))
        #expect(again == request)
        #expect(again.fingerprint == request.fingerprint)
        let other = try ProvisioningRequest(parsing: request.text.replacing("Production", with: "Staging"))
        #expect(other.fingerprint != request.fingerprint)
    }

    @Test func `an answer to a request that was altered on its way does not open`() throws {
        let request = try request()
        let altered = try ProvisioningRequest(parsing: request.text.replacing("Production", with: "Staging"))
        let sealed = try SealedAnswer(answer(altered), to: altered)
        let problem = #expect(throws: Problem.self) { _ = try sealed.opened(with: key, for: request) }
        #expect(problem?.kind == .answerUnreadable)
    }

    @Test func `an answer with any character changed does not open`() throws {
        let request = try request()
        let text = try SealedAnswer(answer(request), to: request).text
        for offset in stride(from: 40, to: text.count, by: 97) {
            var characters = Array(text)
            characters[offset] = characters[offset] == "A" ? "B" : "A"
            let problem = #expect(throws: Problem.self) {
                _ = try SealedAnswer(parsing: String(characters)).opened(with: key, for: request)
            }
            #expect(problem?.kind == .answerUnreadable)
        }
    }

    @Test func `an answer does not open with another key`() throws {
        let request = try request()
        let sealed = try SealedAnswer(answer(request), to: request)
        let problem = #expect(throws: Problem.self) {
            _ = try sealed.opened(with: ProvisioningKey(), for: request)
        }
        #expect(problem?.kind == .answerUnreadable)
    }

    @Test(arguments: [
        "", "hello", "tallystick-answer-1.PR0123456789ab.", "tallystick-answer-1.PR0123456789ab.a+b=",
    ])
    func `other texts are no answers`(_ text: String) {
        let problem = #expect(throws: Problem.self) { _ = try SealedAnswer(parsing: text) }
        #expect(problem?.kind == .answerRefused)
    }

    @Test(arguments: [
        ("\"version\" : 1", "\"version\" : 2"), ("PR", "XX"), ("@AdobeOrg", "@Adobe Org"),
        ("\"visitor\"", "\"declared\""), ("\"audience-manager\"", "\"other\""), ("Configure", "Delete"),
        ("Example", "Ex\\u001b"),
    ])
    func `a request with a field that can't be is refused`(_ old: String, _ new: String) throws {
        let text = try request().text
        #expect(text.contains(old))
        let problem = #expect(throws: Problem.self) {
            _ = try ProvisioningRequest(parsing: text.replacing(old, with: new))
        }
        #expect(problem?.kind == .requestRefused)
    }

    @Test func `keys and secrets are never described`() {
        #expect("\(key)" == "•••")
        #expect(Mirror(reflecting: key).children.isEmpty)
    }
}
