// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Testing

@Suite struct FileDigestTests {
    @Test func `the checksums are those of the standards`() {
        let digest = FileDigest(wantsMD5: true)
        for piece in ["johndoe", "", "@example.com"] {
            Array(piece.utf8).withUnsafeBytes { digest.update($0) }
        }
        let value = digest.finish()
        #expect(value.byteCount == 19)
        #expect(value.sha256 == "55e79200c1635b37ad31a378c39feb12f120f116625093a19bc32fff15041149")
        #expect(value.md5 == "fd876f8cd6a58277fc664d47ea10ad19")
    }

    @Test func `MD5 is left out unless it is wanted`() {
        let value = FileDigest().finish()
        #expect(value.byteCount == 0)
        #expect(value.sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(value.md5 == nil)
    }
}
