// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Testing

@Suite struct IDSyncFileNameTests {
    @Test(arguments: [
        (
            "adobe_id_0_12345_1476312152.sync",
            IDSyncFileName(dataSources: [0, 12345], timestamp: 1_476_312_152, isGzip: false)
        ),
        (
            "adobe_id_20915_12345_67890_1476312152.sync.1.gz",
            IDSyncFileName(
                dataSources: [20915, 12345, 67890],
                timestamp: 1_476_312_152,
                part: 1,
                isGzip: true
            )
        ),
        (
            "c2c_id_99999_888_1477846022.sync.gz",
            IDSyncFileName(
                kind: .hashedEmail,
                dataSources: [99999, 888],
                timestamp: 1_477_846_022,
                isGzip: true
            )
        ),
    ])
    func `a name is read and written`(text: String, name: IDSyncFileName) {
        #expect(IDSyncFileName(parsing: text) == name)
        #expect(name.description == text)
        #expect(name.master == name.dataSources[0])
    }

    @Test(arguments: [
        "", "adobe_id", "adobe_id_0_1476312152.sync", "adobe_id_0_12345_147631215.sync",
        "adobe_id_0_12345_14763121520.sync", "adobe_id_0_x_1476312152.sync", "adobe_id_0__1476312152.sync",
        "adobe_id_0_12345_1476312152.overwrite", "adobe_id_0_12345_1476312152.sync.gpg",
        "adobe_id_0_12345_1476312152.sync.gz.1", "adobe_id_0_12345_1476312152.sync.1.2.gz",
        "other_id_0_12345_1476312152.sync", "adobe_id_0_12345_1476312152",
    ])
    func `anything else is refused`(text: String) {
        #expect(IDSyncFileName(parsing: text) == nil)
    }
}
