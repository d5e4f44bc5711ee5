// SPDX-License-Identifier: Apache-2.0

import Matching

/// The number by which this installation knows an ID: dense from 0, in the order in which IDs were first met.
///
/// Every ID has one, whatever its data source: those of devices and those that customers chose. Sets of IDs are
/// `MemberSet`s of these numbers. It never leaves the installation and is never given again to another ID.
package typealias IDNumber = ProfileNumber
