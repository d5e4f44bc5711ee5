// SPDX-License-Identifier: Apache-2.0

/// Pauses between attempts: doubled each time and shortened at random, so that many clients do not return together.
struct S3Backoff {
    private let attempts: Int
    private let surroundings: S3Surroundings
    private let sendings: Sendings?
    private var failures = 0
    private var sendingCount = 1

    /// The longest first pause, and the longest of all.
    private static let first = Duration.milliseconds(200)
    private static let longest = Duration.seconds(20)

    init(_ client: S3Client) {
        attempts = client.settings.attempts
        surroundings = client.settings.surroundings
        sendings = client.sendings
    }

    /// Starts counting again, after an attempt that got somewhere.
    mutating func reset() {
        failures = 0
    }

    /// Waits before the next attempt, or fails where none may help or is left.
    mutating func pause(after fault: S3Fault) async throws(TransferError) {
        failures += 1
        guard fault.isTransient, failures < attempts else { throw fault.error }
        let ceiling = min(S3Backoff.longest, S3Backoff.first * (1 << min(failures - 1, 16)))
        let pause = max(ceiling * (1 - surroundings.jitter()), min(fault.wait ?? .zero, S3Backoff.longest))
        do {
            try await surroundings.pause(pause)
        } catch {
            throw .cancelled
        }
        sendingCount += 1
        sendings?.note(sendingCount)
    }
}
