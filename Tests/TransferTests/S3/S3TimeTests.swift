// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Transfer

@Suite struct S3TimeTests {
    @Test(arguments: [
        (0, "19700101T000000Z", "date=1970-01-01"),
        (1_709_251_199_999_999_999, "20240229T235959Z", "date=2024-02-29"),
        (-1, "19691231T235959Z", "date=1969-12-31"),
    ])
    func `moments are stamped in UTC`(_ nanoseconds: Int, _ stamp: String, _ day: String) {
        #expect(S3Time.stamp(at: nanoseconds) == stamp)
        #expect(S3Time.dayFolder(at: nanoseconds) == day)
    }

    @Test(arguments: [
        ("2009-10-12T17:50:30.000Z", 1_255_369_830_000_000_000),
        ("2009-10-12T17:50:30Z", 1_255_369_830_000_000_000),
        ("2009-10-12T17:50:30.123456Z", 1_255_369_830_123_456_000), ("2009-10-12", nil), ("", nil),
        ("2009-13-12T17:50:30.000Z", nil), ("2009-10-12T17:50:30.abcZ", nil),
        ("2009-10-12T17:5x:30.000Z", nil),
    ])
    func `times of lists are read`(_ text: String, _ nanoseconds: Int?) {
        #expect(S3Time.nanoseconds(listed: text) == nanoseconds)
    }

    @Test(arguments: [
        ("Mon, 12 Oct 2009 17:50:30 GMT", 1_255_369_830_000_000_000), ("Mon, 12 Oct 2009 17:50:30 CET", nil),
        ("12 Oct 2009", nil), ("Mon, 12 Foo 2009 17:50:30 GMT", nil),
    ])
    func `times of headers are read`(_ text: String, _ nanoseconds: Int?) {
        #expect(S3Time.nanoseconds(header: text) == nanoseconds)
    }

    @Test(arguments: [
        (CyclicChecksum.Kind.crc32, "cbf43926"), (.crc32c, "e3069283"), (.crc64nvme, "ae8b14860a799888"),
    ])
    func `checksums are those of the published check values`(_ kind: CyclicChecksum.Kind, _ hex: String) {
        var checksum = CyclicChecksum(kind)
        Array("12345".utf8).withUnsafeBytes { checksum.update($0) }
        Array("6789".utf8).withUnsafeBytes { checksum.update($0) }
        #expect(hexadecimal(checksum.finish()) == hex)
    }
}
