// SPDX-License-Identifier: Apache-2.0

import AudienceFiles

/// Everything that a reader hands out, copied.
struct ReadingPieces {
    /// The text of all pieces together.
    var text: [UInt8] = []
    /// The number of blocks of whole lines.
    var blockCount = 0
    /// The size of each line that came in fragments, with its newline.
    var overlongByteCounts: [Int] = []
    /// The largest piece.
    var largestByteCount = 0

    init(_ reader: LineBlockReader) throws(AudienceFileError) {
        var overlongByteCount = 0
        var index = 0
        while let piece = try reader.next() {
            let block: LineBlock
            switch piece {
            case .lines(let lines):
                block = lines
                blockCount += 1
                precondition(overlongByteCount == 0, "a line in fragments ends before others follow")
            case .overlong(let fragment, let isLast):
                block = fragment
                overlongByteCount += fragment.bytes.count
                if isLast {
                    overlongByteCounts.append(overlongByteCount)
                    overlongByteCount = 0
                }
            }
            precondition(block.index == index && block.byteOffset == text.count, "blocks follow each other")
            index += 1
            text += block.bytes
            largestByteCount = max(largestByteCount, block.bytes.count)
            reader.recycle(block)
        }
    }

    /// The pieces of a file in memory.
    static func of(
        _ bytes: [UInt8],
        isGzip: Bool? = nil,
        maximumReadByteCount: Int = .max,
        maximumLineByteCount: Int = 102_400,
        blockByteCount: Int = 1 << 20
    ) throws(AudienceFileError) -> ReadingPieces {
        try ReadingPieces(
            LineBlockReader(
                source: MemorySource(bytes, maximumReadByteCount: maximumReadByteCount),
                isGzip: isGzip,
                maximumLineByteCount: maximumLineByteCount,
                blockByteCount: blockByteCount
            )
        )
    }
}
