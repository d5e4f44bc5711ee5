// SPDX-License-Identifier: Apache-2.0

extension ControlFile {
    /// The control file of these data files, which are numbered from 1 in their order.
    ///
    /// - Parameters:
    ///   - parts: the data files; their lines include those of a header.
    ///   - name: the name of the set.
    package init(describing parts: [OutboundFilePart], name: String) {
        self.init(
            describing: parts.enumerated().map { position, part in
                Entry(
                    name: part.name,
                    byteCount: part.digest.byteCount,
                    lineCount: part.lineCount,
                    sequenceNumber: position + 1,
                    md5: part.digest.md5
                )
            },
            name: name
        )
    }
}
