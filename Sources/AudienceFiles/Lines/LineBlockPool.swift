// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Blocks that wait to be used again.
final class LineBlockPool: Sendable {
    private let blockByteCount: Int
    private let maximumCount: Int
    private let free = Mutex<[LineBlock]>([])

    init(blockByteCount: Int, maximumCount: Int = 32) {
        self.blockByteCount = blockByteCount
        self.maximumCount = maximumCount
    }

    /// An empty block that nobody else holds.
    func take() -> LineBlock {
        let block = free.withLock { free in
            let block = free.popLast()
            block?.isPooled = false
            return block
        }
        guard let block else { return LineBlock(byteCount: blockByteCount) }
        block.filled = 0..<0
        return block
    }

    /// Takes a block back, from any thread.
    func give(_ block: LineBlock) {
        guard block.storage.count == blockByteCount else { return }
        free.withLock { free in
            precondition(!block.isPooled, "a block was recycled twice")
            guard free.count < maximumCount else { return }
            block.isPooled = true
            free.append(block)
        }
    }
}
