// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What this process takes, as Linux tells.
enum Usage {
    /// The time of all threads on processors, in seconds.
    static var processorSeconds: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) {
            $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6
        }
    }

    /// The resident memory now and at most.
    static var memory: String { "\(mebibytes("VmRSS")) MiB resident, \(mebibytes("VmHWM")) at most" }

    private static func mebibytes(_ field: String) -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix(field + ":") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) >> 10
    }
}

/// The time that a step takes, by the clock and on processors.
struct Stopwatch {
    private let start = ContinuousClock.now
    private let processorStart = Usage.processorSeconds

    /// Prints what a step took since the start.
    ///
    /// - Parameters:
    ///   - what: The step.
    ///   - count: How many lines it worked on.
    func report(_ what: String, _ count: Int) {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let processor = Usage.processorSeconds - processorStart
        let numbers = [seconds, Double(count) / seconds / 1e6, processor]
        let times = String(format: "%.3f s, %.2f million/s, %.2f s of processor time", arguments: numbers)
        print("  \(what): \(count), \(times); \(Usage.memory)")
        fflush(nil)
    }
}
