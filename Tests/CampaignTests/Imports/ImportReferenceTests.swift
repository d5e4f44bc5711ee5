// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Problems
import Storage
import Surroundings
import Terminal
import Testing

@testable import Campaign

/// Seeded random files, imported by the product and by the naive reference: every line must end in the same state.
@Suite struct ImportReferenceTests {
    /// A data source to import through.
    enum Source: String, CaseIterable {
        case visitor
        case plain
        case md5
        case sha256
        case sha512
        case encrypted
        case addresses

        var isDeclared: Bool { self != .visitor }
        var normalize: [String] { self == .visitor ? [] : self == .plain ? ["trim"] : ["trim", "lower"] }
    }

    private static let kinds: [ImportReference.Kind] = [.full, .iter, .sync, .iter, .overwrite, .full, .iter]

    @Test(arguments: Source.allCases, [1, 2])
    func `every line of every file ends in the state that the reference says`(source: Source, seed: Int)
        async throws
    {
        let test = try TestCampaign()
        var random = SeededNumbers(seed: UInt64(seed) &* 1_000 &+ UInt64(source.rawValue.utf8.count))
        let people = try await load(test, source, &random)
        var reference = try await define(test, source, people)
        let writer = LineWriter(source: source, people: people.map(\.value))
        for (number, kind) in Self.kinds.enumerated() {
            let lines = try (0..<1_500).map { _ in try writer.line(kind, &random) }
            try drop(test, lines, kind, number, isGzip: random.next() % 2 == 0)
            let states = try reference.run(lines, kind)
            let receipt = try await test.syncOne()
            #expect(receipt.received == lines.count)
            for state in LineState.allCases {
                let expected = states.count { $0 == state }
                #expect(receipt.counts[state] == expected, "file \(number), \(kind): \(state)")
            }
            try expectSameRejects(test, receipt, lines, states, "file \(number), \(kind)")
            try expectSameMembers(test, reference, "file \(number), \(kind)")
        }
    }

    private struct Person {
        let number: Int
        let value: String
        let isOptedOut: Bool
    }

    /// Profiles of which some share a value, some have none and some opted out.
    private func load(_ test: TestCampaign, _ source: Source, _ random: inout SeededNumbers) async throws
        -> [Person]
    {
        var people: [Person] = []
        var rows = ["externalId,email,lastName,ccpaOptOut"]
        for number in 1...400 {
            var value = "Person\(random.next() % 380)"
            if source == .visitor {
                value = TestFiles.visitor(Int(random.next() % 380))
            } else if source == .plain {
                value = [" \(value)", "\(value)é", value, "  "][Int(random.next() % 4)]
            } else {
                value = random.next() % 20 == 0 ? "" : "\(value)@Example\(random.next() % 2).com"
            }
            let isOptedOut = random.next() % 25 == 0
            people.append(Person(number: number, value: value, isOptedOut: isOptedOut))
            let email = source == .visitor || source == .plain ? "" : value
            rows.append("P\(number),\(email),\"\(source == .plain ? value : "")\",\(isOptedOut)")
        }
        try test.load(rows.joined(separator: "\n"))
        if source == .visitor {
            let links = people.map { "\($0.value),P\($0.number)" }
            try test.link((["visitorId,externalId"] + links).joined(separator: "\n"))
        }
        return people
    }

    private func define(
        _ test: TestCampaign,
        _ source: Source,
        _ people: [Person]
    ) async throws -> ImportReference {
        var draft = SharedDataSourceDraft(
            id: "Source",
            number: 7,
            key: source == .plain ? "lastName" : "email",
            normalize: source.normalize.joined(separator: ","),
            acceptsTerms: true
        )
        let form: ImportReference.Form
        switch source {
        case .visitor:
            draft.isVisitor = true
            draft.key = nil
            draft.normalize = nil
            form = .visitor
        case .plain: form = .plain
        case .md5, .sha256, .sha512:
            draft.hash = source.rawValue
            form = .hash(DigestAlgorithm(rawValue: source.rawValue) ?? .md5)
        case .encrypted, .addresses:
            draft.cipher = "aes-128-cbc"
            draft.keyText = KeyDoctorSamples.key128
            draft.ivText = KeyDoctorSamples.vector
            draft.channel = source == .addresses ? "email" : "other"
            let key = try CipherKey(
                .aes128CBC,
                keyHex: KeyDoctorSamples.key128,
                ivHex: KeyDoctorSamples.vector
            )
            form = .cipher(key, isAddress: source == .addresses)
        }
        try await test.source(draft)
        var targets: [ImportReference.Target] = []
        for (segment, isForced) in [("24", true), ("25", false), ("gold", true), ("24", false)] {
            try test.define(segment, "Source", isForced: source == .addresses && isForced)
            targets.append(
                ImportReference.Target(segment: segment, isOfAddresses: source == .addresses && !isForced)
            )
        }
        var reference = ImportReference(form, normalize: source.normalize, targets: targets)
        for person in people {
            try reference.add(person.number, person.value)
            if person.isOptedOut { reference.optedOut.insert(person.number) }
        }
        return reference
    }

    private func drop(
        _ test: TestCampaign,
        _ lines: [[UInt8]],
        _ kind: ImportReference.Kind,
        _ number: Int,
        isGzip: Bool
    ) throws {
        let moment = 1_486_140_844 + number
        let name =
            switch kind {
            case .full: "s3_1_7_full_\(moment)000.sync"
            case .iter: "s3_1_7_iter_\(moment)000.sync"
            case .sync: "ftp_dpm_7_\(moment).sync"
            case .overwrite: "ftp_dpm_7_\(moment).overwrite"
            }
        let end: [UInt8] = number % 2 == 0 ? [0x0A] : [0x0D, 0x0A]
        var bytes: [UInt8] = number == 3 ? [0xEF, 0xBB, 0xBF] : []
        for line in lines { bytes += line + end }
        try test.drop(isGzip ? name + ".gz" : name, isGzip ? TestFiles.gzip(bytes) : bytes)
    }

    /// The kept lines are exactly those that the reference rejects, under their numbers.
    private func expectSameRejects(
        _ test: TestCampaign,
        _ receipt: Receipt,
        _ lines: [[UInt8]],
        _ states: [LineState],
        _ place: String
    ) throws {
        let expected = zip(lines, states).enumerated()
            .filter { $0.element.1 != .matched && $0.element.1 != .duplicate }
            .map {
                "\($0.offset + 1) \($0.element.1.rawValue) \(String(decoding: $0.element.0, as: UTF8.self))"
            }
        let kept = try receipt.rejectedFile.map {
            try RejectedLinesReader.ofImports.lines("\(test.data.rejected)/\($0)", limit: 0)
        }
        // Lines of one block may be kept in another order than the file's; each has its number.
        let actual = (kept ?? []).sorted { $0.line < $1.line }.map { "\($0.line) \($0.state) \($0.text)" }
        let difference = zip(expected, actual).first { $0 != $1 }
        #expect(difference == nil, "\(place)")
        #expect(expected.count == actual.count, "\(place)")
    }

    private func expectSameMembers(_ test: TestCampaign, _ reference: ImportReference, _ place: String) throws
    {
        for (position, target) in reference.targets.enumerated() {
            let audience = "AUD\(position + 1)"
            if target.isOfAddresses {
                #expect(try Set(test.addresses(audience)) == target.addresses, "\(place), \(audience)")
            } else {
                let members = try test.members(audience)
                #expect(Set(members) == Set(target.profiles.map { "P\($0)" }), "\(place), \(audience)")
                #expect(members.count == target.profiles.count)
            }
        }
    }
}

/// Writes random lines of which most are well-formed, in every form that a partner may send.
private struct LineWriter {
    let source: ImportReferenceTests.Source
    let people: [String]

    func line(_ kind: ImportReference.Kind, _ random: inout SeededNumbers) throws -> [UInt8] {
        if random.next() % 40 == 0 { return broken(&random) }
        let id = try id(&random)
        guard kind.isOutbound else { return Array("\(id)\t\(signals(&random))".utf8) }
        let separator = random.next() % 3 == 0 || id.contains(" ") ? "\t" : " "
        let added = random.next() % 10 == 0 ? "" : segments(&random)
        let removed = added.isEmpty || random.next() % 4 == 0 ? segments(&random) : nil
        return Array("\(id)\(separator)\(added)\(removed.map { separator + $0 } ?? "")".utf8)
    }

    private func segments(_ random: inout SeededNumbers) -> String {
        random.pick([
            "24", "24", "25", "24,25", "gold", "025,99", "99", "gold,24,26", "Gold", "24,,25", "24,",
        ])
    }

    private func signals(_ random: inout SeededNumbers) -> String {
        random.pick([
            "d_sid=24", "d_sid=24", "d_sid=25", "d_unsid=24", "24:0", "25:-1", "d_sid=24,d_unsid=25",
            "ic=24",
            "24", "city=paris,d_sid=25", "d_sid=99", "d_sid=x", "24:1", "d_sid=24,,d_sid=25",
        ])
    }

    private func broken(_ random: inout SeededNumbers) -> [UInt8] {
        random.pick([
            [], Array("nothing".utf8), Array(" 24".utf8), Array("\t24".utf8), Array("a b c d e".utf8),
            Array("x\u{0}y\t24".utf8), [0xFF, 0x41, 0x09, 0x32, 0x34], Array("a\tb\tc\td".utf8),
            Array("only\t".utf8), Array("two  ".utf8),
        ])
    }

    private func id(_ random: inout SeededNumbers) throws -> String {
        var value = random.next() % 5 == 0 ? stranger(&random) : random.pick(people)
        if value.isEmpty || value.allSatisfy(\.isWhitespace) { value = stranger(&random) }
        switch source {
        case .visitor:
            return random.next() % 30 == 0 ? String(value.dropLast()) : value
        case .plain:
            let value = value.trimmingCharacters(in: .whitespaces)
            return random.next() % 30 == 0 ? "\(value)%3Ax" : random.next() % 8 == 0 ? "\(value) " : value
        case .md5, .sha256, .sha512:
            let algorithm = DigestAlgorithm(rawValue: source.rawValue) ?? .md5
            return spelling(try Digester(algorithm).digest(Array(value.lowercased().utf8)), &random)
        case .encrypted, .addresses:
            let text = random.next() % 40 == 0 ? "no address" : value
            let hex = try TestFiles.encrypted(text)
            return spelling(bytes(ofHex: hex), &random)
        }
    }

    private func stranger(_ random: inout SeededNumbers) -> String {
        let number = Int(random.next() % 300)
        switch source {
        case .visitor: return TestFiles.visitor(1_000 + number)
        case .plain: return "Stranger\(number)"
        default: return "Stranger\(number)@Elsewhere.com"
        }
    }

    private func spelling(_ bytes: [UInt8], _ random: inout SeededNumbers) -> String {
        let hex = HexText.string(bytes)
        let base64 = Data(bytes).base64EncodedString()
        switch random.next() % 12 {
        case 0: return hex.uppercased()
        case 1: return base64
        case 2: return base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        case 3: return String(hex.dropLast())
        case 4: return "zz" + hex.dropFirst(2)
        case 5:
            var damaged = bytes
            damaged[damaged.count - 1] ^= UInt8(truncatingIfNeeded: 1 + random.next() % 255)
            return HexText.string(damaged)
        default: return hex
        }
    }

    private func bytes(ofHex text: String) -> [UInt8] {
        var digits = text[...]
        var bytes: [UInt8] = []
        while !digits.isEmpty {
            bytes.append(UInt8(digits.prefix(2), radix: 16) ?? 0)
            digits = digits.dropFirst(2)
        }
        return bytes
    }
}
