// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import Problems
import Storage
import Testing

@testable import PeopleService

/// Limits, damage and what receipts say of it.
@Suite("Limits and faults of inbound files")
struct InboundLimitTests {
    private func people() throws -> TestPeople {
        let test = try TestPeople()
        try test.dataSource(21, .crossDevice)
        _ = try test.trait(of: 21)
        return test
    }

    @Test(
        "Scenario 32: of 300 lines of a user 200 count, whether the user is new or not",
        arguments: [false, true]
    )
    func twoHundredLines(isKnown: Bool) throws {
        let test = try people()
        let last = try test.trait(of: 21)
        if isKnown { try test.onboard("u\td_sid=101\n", "ftp_dpm_21_1700000001.sync") }
        let lines = (1...300).map { "u\td_sid=\($0 == 200 ? last : 101)\n" } + ["v\td_sid=101\n"]
        let receipt = try test.onboard(lines.joined(), "ftp_dpm_21_1700000002.sync")
        let tally = try #require(receipt.onboarding)
        #expect((tally.received, tally.stored, tally.excess) == (301, 201, 100))
        // Lines that are not processed have no signals either.
        #expect((tally.processed, tally.totalSignals, tally.realizedTraits) == (201, 201, 201))
        #expect(try test.traits(of: "21:u") == [101, last])
        let rejected = try test.rejected(receipt)
        #expect(rejected.map { $0[1] } == (201...300).map(String.init))
        #expect(Set(rejected.map { $0[3] }) == ["over-200-lines"])
    }

    @Test("Lines that realize nothing count for the limit, too", arguments: [false, true])
    func twoHundredLinesOfNothing(isKnown: Bool) throws {
        let test = try people()
        if isKnown { try test.onboard("u\td_sid=101\n", "ftp_dpm_21_1700000001.sync") }
        let other = try test.trait(of: 21)
        let last = "d_sid=\(other)"
        let signals =
            Array(repeating: "k=1", count: 150) + [last] + Array(repeating: "k=1", count: 60) + [last]
            + Array(repeating: "d_sid=999", count: 38)
        let lines = signals.map { "u\t\($0)\n" } + (1...250).map { _ in "v\tk=1\n" } + ["v\td_sid=101\n"]
        let receipt = try test.onboard(lines.joined(), "ftp_dpm_21_1700000002.sync")
        let tally = try #require(receipt.onboarding)
        #expect((tally.received, tally.stored, tally.excess) == (501, 1, 101))
        #expect(try test.traits(of: "21:u").contains(other))
        #expect(try !test.knows("21:v"))
    }

    @Test("The receipt names the traits whose regular expressions gave up")
    func abandonedTraits() throws {
        let test = try people()
        let slow = try test.trait(of: 21, rule: "p matchesregex \"(a+)+b\"")
        _ = try test.trait(of: 21, rule: "p matchesregex \"a+\"")
        let line = "u\tp=\(String(repeating: "a", count: 20_000))\n"
        let receipt = try test.onboard(line + line, "ftp_dpm_21_1700000001.sync")
        #expect(receipt.onboarding?.abandonedRules == 2)
        #expect(receipt.notes?.map { $0.hasSuffix("write simpler ones for trait \(slow)") } == [true])
    }

    @Test("Scenario 32: a line of 102,401 bytes is left out and kept whole, one of 102,400 counts")
    func longLines() throws {
        let test = try people()
        func line(_ id: String, _ byteCount: Int) -> String {
            let start = "\(id)\td_sid=101,x="
            return start + String(repeating: "y", count: byteCount - start.utf8.count)
        }
        let (short, long, huge) = (line("a", 102_400), line("b", 102_401), line("c", 9_000_000))
        let text = [short, long, huge, "d\td_sid=101"].joined(separator: "\n") + "\n"
        let receipt = try test.onboard(text, "ftp_dpm_21_1700000001.sync")
        #expect(receipt.onboarding?.received == 4)
        #expect(receipt.onboarding?.formatErrors == 2)
        let known = try ["a", "b", "c", "d"].filter { try test.knows("21:\($0)") }
        #expect(known == ["a", "d"])
        let rejected = try test.rejected(receipt)
        #expect(rejected.map { $0[1] } == ["2", "3"])
        #expect(rejected.map { $0[4] } == [long, huge])
    }

    @Test("A line may have any number of signals")
    func manySignals() throws {
        let test = try people()
        let signals = Array(repeating: "7", count: 40_000) + ["d_sid=101"]
        let receipt = try test.onboard("u\t\(signals.joined(separator: ","))\n", "ftp_dpm_21_1700000001.sync")
        #expect(receipt.onboarding?.totalSignals == 40_001)
        #expect(receipt.onboarding?.unusedSignals == 40_000)
        #expect(try test.traits(of: "21:u") == [101])
    }

    @Test("Every line ends in one state; all rejected ones are kept whole, in order, with their numbers")
    func everyLineIsKept() throws {
        let test = try people()
        try test.onboard("out\td_sid=101\n", "ftp_dpm_21_1700000001.sync")
        try test.optOut("21:out")
        let lines: [(String, String)] = [
            ("u\td_sid=101", "none"), ("", "empty-line"), ("u", "no-signals"), ("u\t", "no-signals"),
            ("\td_sid=101", "empty-id"), ("u\td_sid=101\tx", "too-many-fields"),
            ("u\td_sid=1\u{0}", "nul-byte"),
            ("a:b\td_sid=101", "forbidden-character"), ("a%3Ab\td_sid=101", "forbidden-character"),
            (String(repeating: "i", count: 1_025) + "\td_sid=101", "wrong-id-spelling"),
            ("u\td_sid=999", "no-trait-realized"), ("out\td_sid=101", "opted-out"),
            ("w\t  ", "no-trait-realized"),
        ]
        let text = lines.map(\.0).joined(separator: "\n") + "\n"
        let receipt = try test.onboard(text, "ftp_dpm_21_1700000002.sync")
        let rejected = lines.enumerated().filter { $0.element.1 != "none" }
        #expect(try test.rejected(receipt).map { $0[1] } == rejected.map { String($0.offset + 1) })
        #expect(try test.rejected(receipt).map { $0[3] } == rejected.map(\.element.1))
        // Of those who opted out the place is enough.
        #expect(
            try test.rejected(receipt).map { $0[4] }
                == rejected.map { $0.element.1 == "opted-out" ? "" : $0.element.0 }
        )
        #expect(receipt.state == .completedWithRejects)
        #expect(receipt.reasons.reduce(0) { $0 + $1.lines } == rejected.count)
        let tally = try #require(receipt.onboarding)
        // "Stored records": those processed without the four errors of the documents.
        let errors = tally.formatErrors + tally.invalidIDs + tally.noMatchingID + tally.noTraitRealized
        #expect(tally.stored == tally.processed - errors)
        #expect(receipt.counts.sum == lines.count)
    }

    @Test("IDs that are not UTF-8 are refused, others may be in any script")
    func encodings() throws {
        let test = try people()
        let bytes = Array("Jörg\td_sid=101\n".utf8) + [0x4A, 0xF6, 0x72] + Array("\td_sid=101\n".utf8)
        let receipt = try test.onboard(bytes, "ftp_dpm_21_1700000001.sync")
        #expect(receipt.reasons.map(\.reason) == ["invalid-utf8"])
        #expect(try test.knows("21:Jörg"))
    }

    @Test("A byte order mark of UTF-8 and carriage returns are no part of lines")
    func windowsFiles() throws {
        let test = try people()
        let receipt = try test.onboard("\u{FEFF}u\td_sid=101\r\nv\td_sid=101", "ftp_dpm_21_1700000001.sync")
        #expect(receipt.onboarding?.stored == 2)
        #expect(try test.traits(of: "21:u") == [101])
        #expect(try test.traits(of: "21:v") == [101])
    }

    /// `u1` and `u2` with trait 101, in gzip.
    private static let gzip = "H4sIAAAAAAAAAys15EyJL85MsTU0MOQqNULiAAD88iamGgAAAA=="

    @Test(
        "Scenario 33: what is no whole text in UTF-8 is refused, and nothing of it is kept",
        arguments: [
            ("", "is empty"), ("FF FE 75 00 09 00", "not in UTF-8"), ("FE FF 00 75 00 09", "not in UTF-8"),
            (
                "2D 2D 2D 2D 2D 42 45 47 49 4E 20 50 47 50 20 4D 45 53 53 41 47 45 2D 2D 2D 2D 2D 0A",
                "is encrypted with PGP"
            ),
        ]
    )
    func refusedFiles(_ hex: String, _ words: String) throws {
        let test = try people()
        let bytes = hex.split(separator: " ").compactMap { UInt8($0, radix: 16) }
        let problem = #expect(throws: Problem.self) { try test.onboard(bytes, "ftp_dpm_21_1700000001.sync") }
        #expect(problem?.kind == .inboundFileRefused)
        #expect(problem?.summary.contains(words) == true)
    }

    @Test("gzip files are read; one that is cut anywhere or damaged leaves nothing behind")
    func gzipFiles() throws {
        let test = try people()
        let whole = Array(try #require(Data(base64Encoded: Self.gzip)))
        for count in [1, 2, 12, whole.count / 2, whole.count - 1] {
            let problem = #expect(throws: Problem.self) {
                try test.onboard(Array(whole.prefix(count)), "ftp_dpm_21_1700000001.sync.gz")
            }
            #expect(problem?.kind == .inboundFileRefused)
        }
        var damaged = whole
        damaged[whole.count - 6] ^= 1
        #expect(throws: Problem.self) { try test.onboard(damaged, "ftp_dpm_21_1700000002.sync.gz") }
        let plain = #expect(throws: Problem.self) {
            try test.onboard("u1\td_sid=101\n", "ftp_dpm_21_1700000002.sync.gz")
        }
        #expect(plain?.kind == .inboundFileRefused)
        #expect(plain?.summary.contains("is named .gz, and its contents are not gzip") == true)
        #expect(try !test.knows("21:u1"))
        let receipt = try test.onboard(whole, "ftp_dpm_21_1700000003.sync.gz")
        #expect(receipt.onboarding?.stored == 2)
        #expect(receipt.files.first?.bytes == whole.count)
    }

    @Test("Scenario 33: gzip around PGP is no name of an inbound file")
    func namesOfPackedPGP() {
        #expect(InboundFileName(parsing: "ftp_dpm_21_1700000001.sync.gz.gpg") == nil)
        #expect(InboundFileName(parsing: "ftp_dpm_21_1700000001.sync.gpg.gz") == nil)
        #expect(InboundFileName(parsing: "ftp_dpm_21_1700000001.sync.pgp")?.compression == .pgp)
    }

    @Test(
        "A file must name data sources that are there, and whose traits it means if the whole world has its IDs",
        arguments: [
            ("ftp_dpm_77_1700000001.sync", "people.data-source-unknown"),
            ("ftp_dpm_21_77_1700000001.sync", "people.data-source-unknown"),
            ("ftp_dpm_20915_1700000001.sync", "people.file-refused"),
            ("ftp_dpm_4_1700000001.sync", "people.file-refused"),
        ]
    )
    func dataSourcesOfNames(_ file: String, _ code: String) throws {
        let test = try people()
        let problem = #expect(throws: Problem.self) { try test.onboard("u\td_sid=101\n", file) }
        #expect(problem?.kind.code == code)
    }

    @Test("The parts of a set are one run: limits count over all of them")
    func splitFiles() throws {
        let test = try people()
        let parts = (1...3).map { _ in String(repeating: "u\td_sid=101\n", count: 90) }
        let receipt = try test.onboard(parts, "ftp_dpm_21_1700000001.sync")
        #expect(receipt.onboarding?.excess == 70)
        #expect(receipt.files.map(\.lines) == [90, 90, 90])
        #expect(Set(try test.rejected(receipt).map { $0[0] }) == ["3"])
    }
}
