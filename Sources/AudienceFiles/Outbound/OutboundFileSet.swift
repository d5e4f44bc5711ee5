// SPDX-License-Identifier: Apache-2.0

/// All files of one export, complete and under their final names.
package struct OutboundFileSet: Sendable, Hashable {
    /// The data files in order.
    package let parts: [OutboundFilePart]

    /// The control file, to be published behind them; nil when none was asked for.
    package let controlFile: OutboundFilePart?

    /// The number of lines without headers.
    package let lineCount: Int

    /// A set made from its parts.
    package init(parts: [OutboundFilePart], controlFile: OutboundFilePart?, lineCount: Int) {
        self.parts = parts
        self.controlFile = controlFile
        self.lineCount = lineCount
    }
}
