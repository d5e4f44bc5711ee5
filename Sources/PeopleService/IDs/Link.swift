// SPDX-License-Identifier: Apache-2.0

/// That a device and a declared ID, or two IDs of one device, belong together, seen from one of the two.
struct Link: Equatable {
    /// Whether the person was signed in when the link was last seen (Audience Manager, "authenticated state").
    enum State: UInt8 {
        case unknown = 0
        case authenticated = 1
        case loggedOut = 2
    }

    /// The ID at the other end.
    let partner: IDNumber
    /// When the link was last seen, in seconds since 1970.
    let time: UInt32
    /// What was known of the person then.
    let state: State
}

/// A link that a run found.
struct FoundLink {
    let device: IDNumber
    /// A declared ID, or another ID of the same device.
    let partner: IDNumber
    let time: UInt32
    let state: Link.State
}

/// How many links are kept; beyond them the one that was seen longest ago goes.
///
/// Audience Manager, "usage limits" and "index of IDs".
enum LinkLimits {
    /// Devices of a declared ID.
    static let devicesPerDeclaredID = 100
    /// Declared IDs of one data source that a device may have.
    static let declaredIDsPerDevice = 10
    /// Other IDs of a device ("cookie IDs per cookie ID").
    static let devicesPerDevice = 1_000
}

/// What an ID stands for, as far as limits of links ask.
enum LinkEnd: Equatable {
    /// A browser or device.
    case device
    /// A person, by an ID of a data source.
    case declared(DataSourceNumber)
}
