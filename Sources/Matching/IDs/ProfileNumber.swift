// SPDX-License-Identifier: Apache-2.0

/// The dense number of a profile, from 0, at most ``IDIndex/largestNumber``.
package typealias ProfileNumber = UInt32
