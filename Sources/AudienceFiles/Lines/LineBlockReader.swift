// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// A file read as blocks of whole lines, with bounded memory whatever the file holds.
///
/// Gzip is unpacked and verified, a UTF-8 byte order mark is skipped, and the raw bytes are summed up in ``digest``.
/// Memory is one block for each that is out, one more for the reader, and the free ones that were recycled.
// @unchecked: `next()` runs under a lock, the pool has its own, and everything else is fixed after init.
package final class LineBlockReader: @unchecked Sendable {
    /// What comes next in a file.
    package enum Piece: Sendable {
        /// Whole lines.
        case lines(LineBlock)

        /// A fragment of one line that does not fit a block. The last fragment ends with the newline,
        /// unless the file ends without one; it may be empty.
        case overlong(LineBlock, isLast: Bool)
    }

    private let turn = Mutex<Void>(())
    private let text: TextStream
    private let pool: LineBlockPool
    private var pending: LineBlock?
    private var hasStarted = false
    private var isInsideOverlongLine = false
    private var pieceCount = 0
    private var textByteCount = 0
    private var failure: AudienceFileError?

    /// A reader at the start of a file.
    ///
    /// - Parameters:
    ///   - source: the raw bytes.
    ///   - isGzip: whether they are compressed; nil recognises it by the first two bytes, true refuses others.
    ///   - wantsMD5: whether the digest shall have an MD5.
    ///   - maximumLineByteCount: a line of up to this many bytes always comes in one block.
    ///   - blockByteCount: the size of a block; raised to hold a line of the maximum and its end.
    package init(
        source: any ByteSource,
        isGzip: Bool? = nil,
        wantsMD5: Bool = false,
        maximumLineByteCount: Int = LineLimits.lineByteCount,
        blockByteCount: Int = 1 << 20
    ) {
        text = TextStream(raw: RawStream(source: source, wantsMD5: wantsMD5), isGzip: isGzip)
        // Two more for the end of the line and one to see that there is no more; three for a byte order mark.
        pool = LineBlockPool(blockByteCount: max(blockByteCount, maximumLineByteCount + 6))
    }

    /// The size and checksums of the raw file, known once ``next()`` has met the end of the file.
    package var digest: FileDigest.Value? {
        turn.withLock { _ in text.digest }
    }

    /// The next lines, or nil behind the last ones.
    ///
    /// Callable from any thread; calls wait for each other.
    ///
    /// - Throws: ``AudienceFileError/empty``, ``AudienceFileError/unsupportedEncoding(_:)``,
    ///   ``AudienceFileError/notGzip``, ``AudienceFileError/truncatedGzip(byte:)``,
    ///   ``AudienceFileError/damagedGzip(byte:)`` or
    ///   ``AudienceFileError/readFailed(errno:)``, and the same again from then on. Lines handed out before
    ///   may be of a damaged file.
    package func next() throws(AudienceFileError) -> Piece? {
        try turn.withLock { (_) throws(AudienceFileError) -> Piece? in
            if let failure { throw failure }
            do throws(AudienceFileError) {
                return try nextPiece()
            } catch {
                failure = error
                throw error
            }
        }
    }

    /// Takes back a block that is no longer read, from any thread.
    package func recycle(_ block: LineBlock) {
        pool.give(block)
    }

    private func nextPiece() throws(AudienceFileError) -> Piece? {
        let block = pending ?? pool.take()
        pending = nil
        let isAtEnd = try fill(block)
        if !hasStarted {
            hasStarted = true
            try skipByteOrderMark(of: block)
            if isAtEnd, block.filled.isEmpty { throw .empty }
        }
        if isInsideOverlongLine { return continueOverlongLine(with: block, isAtEnd: isAtEnd) }
        if block.filled.isEmpty {
            pool.give(block)
            return nil
        }
        if isAtEnd { return .lines(numbered(block)) }
        guard let newline = lastNewline(in: block) else {
            isInsideOverlongLine = true
            return .overlong(numbered(block), isLast: false)
        }
        keepTail(of: block, behind: newline)
        return .lines(numbered(block))
    }

    private func continueOverlongLine(with block: LineBlock, isAtEnd: Bool) -> Piece {
        if let newline = firstNewline(in: block) {
            isInsideOverlongLine = false
            keepTail(of: block, behind: newline)
        } else if isAtEnd {
            isInsideOverlongLine = false
        }
        return .overlong(numbered(block), isLast: !isInsideOverlongLine)
    }

    /// Fills the block to the brim and tells whether the file ended before.
    private func fill(_ block: LineBlock) throws(AudienceFileError) -> Bool {
        while block.filled.upperBound < block.storage.count {
            let count = try text.read(into: block.room)
            guard count > 0 else { return true }
            block.filled = block.filled.lowerBound..<(block.filled.upperBound + count)
        }
        return false
    }

    private func numbered(_ block: LineBlock) -> LineBlock {
        block.index = pieceCount
        block.byteOffset = textByteCount
        pieceCount += 1
        textByteCount += block.filled.count
        return block
    }

    private func keepTail(of block: LineBlock, behind newline: Int) {
        let tail = (newline + 1)..<block.filled.upperBound
        guard !tail.isEmpty else { return }
        let next = pool.take()
        next.replace(with: UnsafeRawBufferPointer(rebasing: block.storage[tail]))
        pending = next
        block.filled = block.filled.lowerBound..<tail.lowerBound
    }

    private func skipByteOrderMark(of block: LineBlock) throws(AudienceFileError) {
        switch TextEncoding(startingWith: block.bytes) {
        case .utf8: break
        case .utf8WithByteOrderMark: block.filled = block.filled.dropFirst(3)
        case .unsupported(let encoding): throw .unsupportedEncoding(encoding)
        }
    }

    private func firstNewline(in block: LineBlock) -> Int? {
        guard let start = block.bytes.baseAddress, let found = memchr(start, 0x0A, block.filled.count) else {
            return nil
        }
        return block.filled.lowerBound + (UnsafeRawPointer(found) - start)
    }

    private func lastNewline(in block: LineBlock) -> Int? {
        var position = block.filled.upperBound
        while position > block.filled.lowerBound {
            position -= 1
            if block.storage[position] == 0x0A { return position }
        }
        return nil
    }
}
