// SPDX-License-Identifier: Apache-2.0

/// The number of a data source (DPID): 0 to 2,147,483,647.
package typealias DataSourceNumber = Int

/// The number of a trait (SID) or of a segment (SID); the two share one sequence, so that none is taken for the other.
package typealias SID = Int
