// SPDX-License-Identifier: Apache-2.0

extension IDIndex {
    /// The place of a key in an index and what it stands for.
    package struct Entry: Hashable, Sendable {
        /// The place, stable as long as the index doesn't change; below ``IDIndex/positionCount``.
        package var position: UInt32
        /// The profile number, or with the highest bit set the place of a list of several.
        package var value: UInt32

        /// No entry.
        package static let none = Entry(position: .max, value: .max)

        /// Makes an entry.
        ///
        /// - Parameters:
        ///   - position: The place.
        ///   - value: The profile number, or the place of a list.
        @inline(__always)
        package init(position: UInt32, value: UInt32) {
            self.position = position
            self.value = value
        }

        /// Whether there is an entry.
        package var isFound: Bool { value != .max }

        /// The profile number, if the key stands for one profile only.
        package var number: ProfileNumber? { value & IDIndex.listBit == 0 ? value : nil }
    }
}
