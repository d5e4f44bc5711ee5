// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Something that a thread of ours will deliver, and that tasks wait for.
final class Promise<Value: Sendable>: Sendable {
    typealias Outcome = Result<Value, TransferError>

    private enum State {
        case open(observers: [Int: @Sendable (Outcome) -> Void], nextNumber: Int)
        case kept(Outcome)
    }

    private let state = Mutex<State>(.open(observers: [:], nextNumber: 0))

    /// Delivers; only the first time counts.
    func keep(_ outcome: Outcome) {
        let observers = state.withLock { state -> [@Sendable (Outcome) -> Void] in
            guard case .open(let observers, _) = state else { return [] }
            state = .kept(outcome)
            return Array(observers.values)
        }
        for observer in observers { observer(outcome) }
    }

    /// Calls once when it is delivered, at once if it has been.
    func whenKept(_ observer: @escaping @Sendable (Outcome) -> Void) {
        _ = observe(observer)
    }

    /// Waits for it; a cancelled task stops waiting, others go on.
    func value() async throws(TransferError) -> Value {
        if case .kept(let outcome) = state.withLock({ $0 }) { return try outcome.get() }
        let waiter = Waiter<Value>()
        let number = Mutex<Int?>(nil)
        let outcome: Outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiter.begin(continuation)
                number.withLock { $0 = observe { waiter.end($0) } }
            }
        } onCancel: {
            waiter.end(.failure(.cancelled))
        }
        if let number = number.withLock({ $0 }) { forget(number) }
        return try outcome.get()
    }

    /// What was delivered, nothing so far.
    var outcome: Outcome? {
        guard case .kept(let outcome) = state.withLock({ $0 }) else { return nil }
        return outcome
    }

    private func observe(_ observer: @escaping @Sendable (Outcome) -> Void) -> Int? {
        let (outcome, number) = state.withLock { state -> (Outcome?, Int?) in
            switch state {
            case .kept(let outcome):
                return (outcome, nil)
            case .open(var observers, let number):
                observers[number] = observer
                state = .open(observers: observers, nextNumber: number + 1)
                return (nil, number)
            }
        }
        if let outcome { observer(outcome) }
        return number
    }

    private func forget(_ number: Int) {
        state.withLock { state in
            guard case .open(var observers, let nextNumber) = state else { return }
            observers[number] = nil
            state = .open(observers: observers, nextNumber: nextNumber)
        }
    }
}

/// One task that waits; it is woken once, by whatever comes first.
private final class Waiter<Value: Sendable>: Sendable {
    typealias Outcome = Promise<Value>.Outcome

    private enum State {
        case idle
        case waiting(CheckedContinuation<Outcome, Never>)
        case ended(Outcome)
    }

    private let state = Mutex<State>(.idle)

    func begin(_ continuation: CheckedContinuation<Outcome, Never>) {
        let early = state.withLock { state -> Outcome? in
            if case .ended(let outcome) = state { return outcome }
            state = .waiting(continuation)
            return nil
        }
        if let early { continuation.resume(returning: early) }
    }

    func end(_ outcome: Outcome) {
        let continuation = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
            switch state {
            case .idle:
                state = .ended(outcome)
                return nil
            case .waiting(let continuation):
                state = .ended(outcome)
                return continuation
            case .ended:
                return nil
            }
        }
        continuation?.resume(returning: outcome)
    }
}
