// SPDX-License-Identifier: Apache-2.0

import CRoaring

/// An immutable set of profiles: the members of an audience, as a compressed bitmap (Roaring) of their numbers.
package struct MemberSet: Sendable, Equatable, CustomStringConvertible {
    private let bitmap: Bitmap

    /// Owns the C bitmap.
    ///
    /// `@unchecked Sendable`: the bitmap isn't changed after it was made, and all functions used only read it.
    private final class Bitmap: @unchecked Sendable {
        let pointer: UnsafeMutablePointer<roaring_bitmap_t>

        init(_ pointer: UnsafeMutablePointer<roaring_bitmap_t>) { self.pointer = pointer }

        deinit { roaring_bitmap_free(pointer) }
    }

    init(owning pointer: UnsafeMutablePointer<roaring_bitmap_t>?) {
        guard let pointer else { preconditionFailure("no memory left for a member set") }
        bitmap = Bitmap(pointer)
    }

    var pointer: UnsafeMutablePointer<roaring_bitmap_t> { bitmap.pointer }

    /// A set without members.
    package static var empty: MemberSet { MemberSet(owning: roaring_bitmap_create()) }

    /// Makes a set of numbers in any order.
    ///
    /// - Parameter numbers: Profile numbers; duplicates count once.
    package init(_ numbers: some Sequence<ProfileNumber>) {
        let builder = MemberSetBuilder()
        for number in numbers { builder.insert(number) }
        self = builder.added
    }

    /// Makes a set of all numbers of a range.
    ///
    /// - Parameter range: Profile numbers.
    package init(_ range: Range<ProfileNumber>) {
        let made =
            range.isEmpty
            ? roaring_bitmap_create()
            : roaring_bitmap_from_range(UInt64(range.lowerBound), UInt64(range.upperBound), 1)
        if let made { roaring_bitmap_run_optimize(made) }
        self.init(owning: made)
    }

    /// The number of members.
    package var count: Int { Int(roaring_bitmap_get_cardinality(pointer)) }

    /// Whether there is no member.
    package var isEmpty: Bool { roaring_bitmap_is_empty(pointer) }

    /// The smallest number, if there is a member.
    package var first: ProfileNumber? { isEmpty ? nil : roaring_bitmap_minimum(pointer) }

    /// The largest number, if there is a member.
    package var last: ProfileNumber? { isEmpty ? nil : roaring_bitmap_maximum(pointer) }

    /// Whether a profile is a member.
    ///
    /// - Parameter number: The profile.
    /// - Returns: Whether it is in the set.
    package func contains(_ number: ProfileNumber) -> Bool { roaring_bitmap_contains(pointer, number) }

    /// The members of this set, another or both.
    ///
    /// - Parameter other: The other set.
    /// - Returns: A new set.
    package func union(_ other: MemberSet) -> MemberSet {
        MemberSet(owning: roaring_bitmap_or(pointer, other.pointer))
    }

    /// The members of any of several sets.
    ///
    /// - Parameter sets: The sets.
    /// - Returns: A new set.
    package static func union(of sets: [MemberSet]) -> MemberSet {
        var pointers: [UnsafePointer<roaring_bitmap_t>?] = sets.map { UnsafePointer($0.pointer) }
        let made = pointers.withUnsafeMutableBufferPointer { pointers in
            roaring_bitmap_or_many(pointers.count, pointers.baseAddress)
        }
        return withExtendedLifetime(sets) { MemberSet(owning: made) }
    }

    /// The members of both this set and another.
    ///
    /// - Parameter other: The other set.
    /// - Returns: A new set.
    package func intersection(_ other: MemberSet) -> MemberSet {
        MemberSet(owning: roaring_bitmap_and(pointer, other.pointer))
    }

    /// The members of this set that another doesn't have.
    ///
    /// - Parameter other: The other set.
    /// - Returns: A new set.
    package func subtracting(_ other: MemberSet) -> MemberSet {
        MemberSet(owning: roaring_bitmap_andnot(pointer, other.pointer))
    }

    /// The members of one of both sets, this and another, but not of the other one.
    ///
    /// - Parameter other: The other set.
    /// - Returns: A new set.
    package func symmetricDifference(_ other: MemberSet) -> MemberSet {
        MemberSet(owning: roaring_bitmap_xor(pointer, other.pointer))
    }

    /// The members in a range.
    ///
    /// - Parameter range: Profile numbers.
    /// - Returns: A new set.
    package func members(in range: ClosedRange<ProfileNumber>) -> MemberSet {
        // Not beyond the members, since the range is made as a set.
        guard let first, let last, range.overlaps(first...last) else { return .empty }
        let range = range.clamped(to: first...last)
        guard range != first...last else { return self }
        let all = MemberSet(
            owning: roaring_bitmap_from_range(UInt64(range.lowerBound), UInt64(range.upperBound) + 1, 1)
        )
        return intersection(all)
    }

    /// The number of members that another set has too, without making the set.
    ///
    /// - Parameter other: The other set.
    /// - Returns: The number.
    package func intersectionCount(_ other: MemberSet) -> Int {
        Int(roaring_bitmap_and_cardinality(pointer, other.pointer))
    }

    /// Whether all members are in another set.
    ///
    /// - Parameter other: The other set.
    /// - Returns: Whether this set is a part of it.
    package func isSubset(of other: MemberSet) -> Bool { roaring_bitmap_is_subset(pointer, other.pointer) }

    /// Whether two sets have the same members.
    package static func == (one: MemberSet, other: MemberSet) -> Bool {
        roaring_bitmap_equals(one.pointer, other.pointer)
    }

    /// The number of members; never who they are.
    package var description: String { "\(count) members" }
}
