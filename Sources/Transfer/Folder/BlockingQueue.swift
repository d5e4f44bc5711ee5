// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// A line of blocking work, done one piece after the other away from the cooperative thread pool.
///
/// Each account has its own, so that one hanging network folder never delays another account.
struct BlockingQueue: Sendable {
    private let queue = DispatchQueue(label: "tallystick.transfer")

    /// Does a piece of blocking work and waits for it without holding a thread.
    func run<Value: Sendable>(
        _ work: @escaping @Sendable (Cancellation) throws(TransferError) -> Value
    ) async throws(TransferError) -> Value {
        let cancellation = Cancellation()
        let result: Result<Value, TransferError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async {
                    continuation.resume(
                        returning: Result { () throws(TransferError) in
                            try cancellation.check()
                            return try work(cancellation)
                        }
                    )
                }
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }
}
