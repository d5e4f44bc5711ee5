// SPDX-License-Identifier: Apache-2.0

extension ParsedLine {
    /// The signals of the line, read from the block that the line was parsed in.
    package func signals(in block: UnsafeRawBufferPointer) -> SignalList {
        SignalList(added.bytes(in: block))
    }
}
