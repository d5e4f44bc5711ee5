// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Testing

@Suite struct OutboundFileNameTests {
    @Test func `the vendor's examples are read with all their parts`() throws {
        let name = try #require(
            OutboundFileName(parsing: "S3_1234_20914_XYZCustomer_iter_1486140844000001.sync.gz")
        )
        #expect(name.syncType == .s3)
        #expect(name.destination == 1234)
        #expect(name.keyDataSource == 20914)
        #expect(name.alias == "XYZCustomer")
        #expect(name.mode == .iter)
        #expect(name.timestamp == 1_486_140_844_000)
        #expect(name.timestampDigits == "1486140844000")
        #expect(name.part == 1)
        #expect(name.fileExtension == "sync")
        #expect(name.isGzip)
        #expect(!name.isControlFile)
    }

    @Test(arguments: [
        ("S3_1234_20914_XYZCustomer_iter_1486140844000.sync.gz", 0),
        ("ftp_1234_45454_XYZCustomer_full_1486140843200.sync.gz", 0),
        ("s3_46390_14017_full_1486140844000.sync", 0),
        ("http_1_2_full_1486140844000.json", 0),
        ("FTP_1_2_FULL_1486140844000.SYNC.GZ", 0),
        ("ftp_1_2_iter_1486140844.csv", 0),
        ("ftp_1_2_iter_1486140844.txt.gz", 0),
        ("ftp_1_2_iter_1486140844000002.sync", 2),
        ("ftp_1_2_iter_1486140844000-1.sync.gz", 1),
        ("ftp_1_2_iter_1486140844-12.sync", 12),
        ("ftp_1_2_iter_14861408441000.sync", 1000),
        ("ftp_1_2__iter_1486140844000.sync", 0),
        ("ftp_1_2_an_alias_full_of_words_iter_1486140844000.sync", 0),
        ("s3_123456_9999_full_1566906141001.csv", 0),
    ])
    func `a documented spelling is read`(text: String, part: Int) throws {
        let name = try #require(OutboundFileName(parsing: text))
        #expect(name.name == text)
        #expect(name.part == part)
    }

    @Test func `an alias may hold underscores and be empty`() {
        #expect(OutboundFileName(parsing: "s3_1_2_a_full_b_iter_1486140844000.sync")?.alias == "a_full_b")
        #expect(OutboundFileName(parsing: "s3_1_2__iter_1486140844000.sync")?.alias == nil)
        #expect(OutboundFileName(parsing: "s3_1_2_3_iter_1486140844000.sync")?.alias == "3")
    }

    @Test(arguments: [
        "", "s3", "s3_1_2_full", "s3_1_2_full_1486140844000", "s3_1_2_full_.sync",
        "sftp_1_2_full_1486140844000.sync", "s3_x_2_full_1486140844000.sync",
        "s3_1_x_full_1486140844000.sync",
        "s3_1_full_1486140844000.sync", "s3_1_2_half_1486140844000.sync", "s3_1_2_full_148614084.sync",
        "s3_1_2_full_14861408440.sync", "s3_1_2_full_148614084400.sync", "s3_1_2_full_1486140844000.zip",
        "s3_1_2_full_1486140844000.sync.bz2", "s3_1_2_full_1486140844000.sync.gz.gpg",
        "s3_1_2_full_1486140844000.sync.info", "s3_1_2_full_1486140844000-.sync",
        "s3_1_2_full_1486140844000-x.sync", "s3_1_2_full_1486140844000001-1.sync",
        "s3_1_2_full_14861408440000001.sync", "a/s3_1_2_full_1486140844000.sync",
        "s3_1_2_full_1486140844000.sync\n", "s3_99999999999999999999_2_full_1486140844000.sync",
        "ftp_dpm_478_1366545717.sync", "s3_1_2_full_1486140844000.sync.", "s3_1_2_full_-1486140844.sync",
    ])
    func `anything else is refused`(text: String) {
        #expect(OutboundFileName(parsing: text) == nil)
    }

    @Test(arguments: [
        ("1566906141001", TimestampPrecision.automatic, 1_566_906_141_001, 0),
        ("1566906141001", .milliseconds, 1_566_906_141_001, 0),
        ("1566906141001", .seconds, 1_566_906_141_000, 1),
        ("9999999999001", .automatic, 9_999_999_999_000, 1),
        ("0000000001001", .automatic, 1_000, 1),
        ("1566906141", .automatic, 1_566_906_141_000, 0),
        ("1566906141", .milliseconds, 1_566_906_141_000, 0),
        ("1566906141", .seconds, 1_566_906_141_000, 0),
        ("1566906141001012", .automatic, 1_566_906_141_001, 12),
        ("1566906141001012", .milliseconds, 1_566_906_141_001, 12),
    ])
    func `digits are split as the destination says`(
        digits: String,
        precision: TimestampPrecision,
        timestamp: Int64,
        part: Int
    ) throws {
        let name = try #require(
            OutboundFileName(parsing: "s3_1_2_full_\(digits).csv", timestampPrecision: precision)
        )
        #expect(name.timestamp == timestamp)
        #expect(name.part == part)
    }

    @Test func `digits that do not fit the destination's setting are refused`() {
        let text = "s3_1_2_full_15669061411000.csv"
        #expect(OutboundFileName(parsing: text, timestampPrecision: .milliseconds) == nil)
        #expect(OutboundFileName(parsing: text, timestampPrecision: .seconds)?.part == 1000)
        let longer = "s3_1_2_full_1486140844000001.csv"
        #expect(OutboundFileName(parsing: longer, timestampPrecision: .seconds) == nil)
    }

    @Test func `split parts and their control file have the same set`() throws {
        let names = try [
            "S3_1234_20914_iter_1486140844000.sync.gz", "s3_1234_20914_iter_1486140844000001.sync.gz",
            "s3_1234_20914_alias_iter_1486140844000-2.sync", "S3_1234_20914_iter_1486140844000.info",
        ].map { try #require(OutboundFileName(parsing: $0)) }
        #expect(Set(names.map(\.setKey)).count == 1)
        #expect(names.map(\.isControlFile) == [false, false, false, true])
        #expect(names.map(\.part) == [0, 1, 2, 0])
    }

    @Test func `a control file of the other mode still belongs to the export`() throws {
        let data = try #require(OutboundFileName(parsing: "s3_1_2_iter_1486140844000.sync"))
        let control = try #require(OutboundFileName(parsing: "s3_1_2_full_1486140844000.info"))
        let other = try #require(OutboundFileName(parsing: "s3_1_2_full_1486140844001.info"))
        #expect(data.setKey != control.setKey)
        #expect(control.isSameExport(as: data))
        #expect(!other.isSameExport(as: data))
    }
}
