// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Storage
import Testing

@Suite struct SealerTests {
    private static let key = String(repeating: "0f", count: 32)

    @Test func `what was sealed opens again, for its owner alone`() throws {
        let folder = StorageFolder()
        let sealer = try Sealer(folder.directory, environment: [Sealer.environmentName: Self.key])
        let sealed = try sealer.seal([1, 2, 3], for: "a/key")
        #expect(try sealer.open(sealed, for: "a/key") == [1, 2, 3])
        #expect(problemCode { _ = try sealer.open(sealed, for: "a/iv") } == "secrets.unreadable")
        #expect(try sealer.seal([1, 2, 3], for: "a/key") != sealed)
        #expect("\(sealer)" == "•••")
    }

    @Test func `a flipped bit is noticed wherever it is`() throws {
        let folder = StorageFolder()
        let sealer = try Sealer(folder.directory, environment: [Sealer.environmentName: Self.key])
        let sealed = try sealer.seal(Array("secret".utf8), for: "owner")
        for position in sealed.indices {
            var damaged = sealed
            damaged[position] ^= 1
            #expect(problemCode { _ = try sealer.open(damaged, for: "owner") } == "secrets.unreadable")
        }
        #expect(problemCode { _ = try sealer.open(sealed.prefix(5), for: "owner") } == "secrets.unreadable")
    }

    @Test func `a new key is 64 hex digits in a file of the owner alone, and is made once`() throws {
        let folder = StorageFolder()
        try folder.directory.create()
        try Sealer.createKey(in: folder.directory, world: World(), environment: [:])
        let text = try String(contentsOfFile: folder.directory.sealingKeyFile, encoding: .utf8)
        #expect(text.wholeMatch(of: /[0-9a-f]{64}\n/) != nil)
        #expect(try folder.mode(of: folder.directory.sealingKeyFile) == 0o600)
        try Sealer.createKey(in: folder.directory, world: World(), environment: [:])
        #expect(try String(contentsOfFile: folder.directory.sealingKeyFile, encoding: .utf8) == text)
    }

    @Test func `with a key in the environment no file is made`() throws {
        let folder = StorageFolder()
        try folder.directory.create()
        let environment = [Sealer.environmentName: Self.key]
        try Sealer.createKey(in: folder.directory, world: World(), environment: environment)
        #expect(!FileManager.default.fileExists(atPath: folder.directory.sealingKeyFile))
    }

    @Test(arguments: [0o640, 0o604, 0o644])
    func `a key that others can read is refused`(mode: Int) throws {
        let folder = StorageFolder()
        try folder.directory.create()
        try Sealer.createKey(in: folder.directory, world: World(), environment: [:])
        try FileManager.default.setAttributes(
            [.posixPermissions: mode],
            ofItemAtPath: folder.directory.sealingKeyFile
        )
        #expect(problemCode { _ = try Sealer(folder.directory, environment: [:]) } == "secrets.key-exposed")
    }

    @Test(arguments: ["", "00", String(repeating: "0g", count: 32), String(repeating: "00", count: 33)])
    func `a key that is none is refused`(text: String) throws {
        let folder = StorageFolder()
        let code = problemCode {
            _ = try Sealer(folder.directory, environment: [Sealer.environmentName: text])
        }
        #expect(code == "secrets.key-malformed")
        #expect(problemCode { _ = try Sealer(folder.directory, environment: [:]) } == "secrets.key-missing")
    }
}
