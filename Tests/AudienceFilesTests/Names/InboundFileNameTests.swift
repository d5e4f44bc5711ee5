// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Testing

@Suite struct InboundFileNameTests {
    @Test(arguments: [
        (
            "ftp_dpm_478_1366545717.sync.1.gz",
            InboundFileName(dataSource: 478, timestamp: 1_366_545_717, part: 1, compression: .gzip)
        ),
        (
            "ftp_dpm_478_567_1366545717.sync.gz",
            InboundFileName(
                dataSource: 478,
                traitDataSource: 567,
                timestamp: 1_366_545_717,
                compression: .gzip
            )
        ),
        (
            "ftp_dpm_20915_21_1366545717.sync",
            InboundFileName(dataSource: 20915, traitDataSource: 21, timestamp: 1_366_545_717)
        ),
        (
            "ftp_dpm_100_1366545717.overwrite.pgp",
            InboundFileName(dataSource: 100, timestamp: 1_366_545_717, kind: .overwrite, compression: .pgp)
        ),
        (
            "ftp_dpm_odc_100_1366545717.overwrite.3",
            InboundFileName(
                dataSource: 100,
                timestamp: 1_366_545_717,
                kind: .overwrite,
                part: 3,
                isPartnerVariant: true
            )
        ),
    ])
    func `a name is read and written`(text: String, name: InboundFileName) {
        #expect(InboundFileName(parsing: text) == name)
        #expect(name.description == text)
    }

    @Test(arguments: [
        ("ftp_dpm_100_1366545717.overwrite.gpg", "ftp_dpm_100_1366545717.overwrite.pgp"),
        ("ftp_dpm_100_136654571.sync", "ftp_dpm_100_0136654571.sync"),
        ("ftp_dpm_100_1366545717123.sync", "ftp_dpm_100_1366545717.sync"),
    ])
    func `an older spelling is written the usual way`(text: String, rendered: String) {
        #expect(InboundFileName(parsing: text)?.description == rendered)
    }

    @Test(arguments: [
        "", "ftp_dpm", "ftp_dpm_.sync", "ftp_dpm_1366545717.sync", "ftp_dpm_478_1366545717",
        "ftp_dpm_478_1366545717.sync.gz.gpg", "ftp_dpm_478_1366545717.sync.gz.1",
        "ftp_dpm_478_1366545717.sync.1.2.gz", "ftp_dpm_478_1366545717.sync.x.gz",
        "ftp_dpm_478_1366545717.sync.zip", "ftp_dpm_478_1366545717.merge", "ftp_dpm_478_13665457.sync",
        "ftp_dpm_478_13665457170000.sync", "ftp_dpm_478_567_890_1366545717.sync", "ftp_dpm_x_1366545717.sync",
        "ftp_dpm_478_x_1366545717.sync", "sftp_dpm_478_1366545717.sync", "ftp_dpm_odc_1366545717.sync",
        "FTP_DPM_478_1366545717.sync", "ftp_dpm_478_1366545717.sync.", "adobe_id_0_12_1366545717.sync",
        "ftp_dpm_478_1366545717.sync.gpg.gpg",
    ])
    func `anything else is refused`(text: String) {
        #expect(InboundFileName(parsing: text) == nil)
    }
}
