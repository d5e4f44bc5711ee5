// SPDX-License-Identifier: Apache-2.0

extension Reconciler {
    /// The memory that one thread needs to reconcile batches; made by ``Reconciler/makeWorkspace()``.
    ///
    /// Not shared between threads, and kept from batch to batch.
    package final class Workspace {
        /// The number of lines that go through all steps together, so that what they need stays in the caches.
        static let chunk = 512

        /// The lines of a chunk that are well-formed so far, counted from the first of the chunk.
        let live: UnsafeMutablePointer<UInt32>
        /// Where the canonical bytes, or the ciphertext, of each live line are, and how many.
        let places: UnsafeMutablePointer<(start: UInt32, count: UInt32)>
        let keys: UnsafeMutablePointer<IDKey>
        let entries: UnsafeMutablePointer<IDIndex.Entry>
        let messageLengths: UnsafeMutablePointer<UInt32>
        let textLengths: UnsafeMutablePointer<Int32>

        let decoded = ByteStore()
        let decrypted = ByteStore()
        let texts = ByteStore()
        let cipher: BatchCipher?
        private(set) var addressPlaces: [(start: UInt32, count: UInt32)] = []

        init(cipher: BatchCipher?) {
            self.cipher = cipher
            live = .allocate(capacity: Self.chunk)
            places = .allocate(capacity: Self.chunk)
            keys = .allocate(capacity: Self.chunk)
            entries = .allocate(capacity: Self.chunk)
            messageLengths = .allocate(capacity: Self.chunk)
            textLengths = .allocate(capacity: Self.chunk)
        }

        deinit {
            live.deallocate()
            places.deallocate()
            keys.deallocate()
            entries.deallocate()
            messageLengths.deallocate()
            textLengths.deallocate()
        }

        /// The decrypted and normalized address of a line of the last batch, when addresses were asked for.
        ///
        /// - Parameter line: The line's place in the batch, from 0.
        /// - Returns: The bytes, valid until the next batch; none if the line has no address.
        package func address(at line: Int) -> UnsafeRawBufferPointer? {
            guard addressPlaces.indices.contains(line), addressPlaces[line].count > 0 else { return nil }
            let place = addressPlaces[line]
            return UnsafeRawBufferPointer(start: texts.base + Int(place.start), count: Int(place.count))
        }

        func begin(lineCount: Int, keepingAddresses: Bool) {
            texts.count = 0
            addressPlaces.removeAll(keepingCapacity: true)
            if keepingAddresses {
                addressPlaces.append(contentsOf: repeatElement((start: 0, count: 0), count: lineCount))
            }
        }

        @inline(__always)
        func keepAddress(at line: Int, _ place: (start: Int, count: Int)) {
            addressPlaces[line] = (
                UInt32(truncatingIfNeeded: place.start), UInt32(truncatingIfNeeded: place.count)
            )
        }
    }
}
