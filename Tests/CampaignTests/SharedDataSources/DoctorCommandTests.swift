// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Storage
import Surroundings
import Terminal
import Testing

@testable import Campaign

/// The key doctor as a command: exit codes, JSON, and nothing of the sample or a key in what it prints.
@Suite(.enabled(if: ProgramProcess.path != nil, "the program was not built beside the tests"))
struct DoctorCommandTests {
    private static let address = "Zyx.Quill+w7@Kestrel.test"
    private static let otherKey = "8d1f0c5e7a9b3d2466f1e0a7c4b59e83"

    private struct Answer: Decodable {
        struct Found: Decodable {
            let normalization: String
            let algorithm: String
            let encoding: String
            let deviation: String
        }

        struct Category: Decodable {
            let category: String
            let tried: Int
        }

        let verdict: String
        let found: Found?
        let advice: [String]
        let tried: Int
        let categories: [Category]
    }

    private func makeTest() async throws -> TestCampaign {
        let test = try TestCampaign()
        try await test.makeHashed()
        try await test.makeEncrypted()
        return test
    }

    /// Asks the doctor, as text and as JSON; neither holds anything of the sample or the keys.
    private func ask(
        _ test: TestCampaign,
        _ source: String,
        sent: String,
        options: [String] = []
    ) throws -> (exitCode: Int32, text: String, answer: Answer) {
        let sample = try test.write("\(Self.address)\n\(sent)\n")
        let command = ["data-sources", "doctor", source, "--sample", sample] + options
        let text = try ProgramProcess(command, data: test.data.path, isHeard: true).finish()
        let json = try ProgramProcess(command + ["--json"], data: test.data.path, isHeard: true).finish()
        #expect(text.exitCode == json.exitCode)
        let secrets = [
            "zyx.quill", "kestrel", sent, KeyDoctorSamples.key128, KeyDoctorSamples.vector,
            Self.otherKey,
        ]
        for printed in [text.output, text.errors, json.output, json.errors] {
            for secret in secrets {
                #expect(!printed.lowercased().contains(secret.lowercased()), "\(printed)")
            }
        }
        #expect(text.errors.isEmpty)
        #expect(json.errors.isEmpty)
        return (
            text.exitCode, text.output, try JSONDecoder().decode(Answer.self, from: Data(json.output.utf8))
        )
    }

    @Test func `a sample that agrees ends with code 0`() async throws {
        let sent = try TestFiles.hex(.sha256, Self.address.lowercased())
        let (code, text, answer) = try ask(await makeTest(), "Hashed", sent: sent)
        #expect(code == 0)
        #expect(text.contains("agrees with the definition"))
        #expect(answer.verdict == "agrees")
        #expect(answer.found?.deviation == "")
    }

    @Test func `a website that hashes before lower-casing is explained with code 3`() async throws {
        let sent = try TestFiles.hex(.sha256, Self.address)
        let (code, text, answer) = try ask(await makeTest(), "Hashed", sent: sent)
        #expect(code == 3)
        #expect(text.contains("explained, but not by the definition"))
        #expect(answer.verdict == "explained")
        #expect(answer.found?.algorithm == "sha256")
        #expect(answer.found?.encoding == "hex")
        #expect(answer.found?.normalization.contains("lower") == false)
        #expect(answer.advice.contains { $0.contains("website") && $0.contains("lower") }, "\(answer.advice)")
        for advice in answer.advice { #expect(text.contains(advice)) }
    }

    @Test func `a key of the website's people is found in their file and not printed`() async throws {
        let test = try await makeTest()
        let key = try CipherKey(.aes128CBC, keyHex: Self.otherKey, ivHex: KeyDoctorSamples.vector)
        let sent = try TestFiles.id(Self.address, IDRule(.cipher(key)))
        let unexplained = try ask(test, "Encrypted", sent: sent)
        #expect(unexplained.exitCode == 1)
        let file = try test.write(Self.otherKey + "\n")
        let (code, _, answer) = try ask(test, "Encrypted", sent: sent, options: ["--key-file", file])
        #expect(code == 3)
        #expect(answer.verdict == "explained")
        #expect(answer.found?.algorithm == "aes-128-cbc")
    }

    @Test func `what nothing explains ends with code 1, and says what was tried`() async throws {
        let sent = try TestFiles.hex(.sha256, "somebody else")
        let (code, text, answer) = try ask(await makeTest(), "Hashed", sent: sent)
        #expect(code == 1)
        #expect(text.contains("The sample is unexplained."))
        #expect(text.contains("Tried:"))
        #expect(answer.verdict == "unexplained")
        #expect(answer.found == nil)
        #expect(!answer.advice.isEmpty)
        #expect(answer.tried > 1_000)
        #expect(answer.tried == answer.categories.reduce(0) { $0 + $1.tried })
    }

    @Test func `a sample that can't be read, or a source of visitor IDs, is a problem`() async throws {
        let test = try await makeTest()
        let one = try test.write("\(Self.address)\n")
        let short = try ProgramProcess.run(
            "data-sources",
            "doctor",
            "Hashed",
            "--sample",
            one,
            data: test.data.path
        )
        #expect(short.exitCode == 1)
        #expect(short.errors.contains("(data-sources.sample-unreadable)"), "\(short.errors)")
        #expect(!short.errors.contains("Quill"))
        let visitors = try ProgramProcess.run(
            "data-sources",
            "doctor",
            "defaultDataSource",
            "--sample",
            one,
            data: test.data.path
        )
        #expect(visitors.exitCode == 1)
        #expect(visitors.errors.contains("(data-sources.refused)"), "\(visitors.errors)")
    }
}
