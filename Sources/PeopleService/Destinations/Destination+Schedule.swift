// SPDX-License-Identifier: Apache-2.0

extension Destination.Schedule {
    /// The schedule as people write it: `on-change`, `on-demand` or a time of the day in UTC like `14:00`.
    package var text: String {
        switch self {
        case .onChange: "on-change"
        case .onDemand: "on-demand"
        case .daily(let minute):
            "\(minute / 600)\(minute / 60 % 10):\(minute % 60 / 10)\(minute % 10)"
        }
    }

    /// Reads a schedule.
    package init?(text: String) {
        switch text {
        case "on-change": self = .onChange
        case "on-demand": self = .onDemand
        default:
            guard let match = text.wholeMatch(of: /([01][0-9]|2[0-3]):([0-5][0-9])/),
                let hour = Int(match.1), let minute = Int(match.2)
            else { return nil }
            self = .daily(minute: hour * 60 + minute)
        }
    }
}
