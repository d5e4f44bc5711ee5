// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The connections of one account, opened when needed and never more than its limit.
final class SFTPPool: Sendable {
    /// A connection or the promise of one, and how many users it has.
    private struct Slot {
        let number: Int
        let connection: Promise<SFTPConnection>
        var userCount: Int

        /// Whether the connection could not be opened or has ended.
        var isBroken: Bool {
            switch connection.outcome {
            case nil: false
            case .success(let connection): connection.isBroken
            case .failure: true
            }
        }
    }

    private struct State {
        var slots: [Slot] = []
        var nextNumber = 0
    }

    /// The use of a connection until it is dropped.
    final class Lease: Sendable {
        let connection: SFTPConnection
        private let letGo: @Sendable () -> Void

        init(_ connection: SFTPConnection, letGo: @escaping @Sendable () -> Void) {
            self.connection = connection
            self.letGo = letGo
            connection.beginUse()
        }

        deinit {
            connection.endUse()
            letGo()
        }
    }

    let settings: SFTPSettings
    private let state = Mutex(State())

    init(_ settings: SFTPSettings) {
        self.settings = settings
    }

    /// A connection: an unused one, a new one, or where the limit is reached the one with the fewest users.
    func lease() async throws(TransferError) -> Lease {
        let (slot, isNew) = claim()
        if isNew { open(slot.connection) }
        do throws(TransferError) {
            let connection = try await slot.connection.value()
            return Lease(connection) { [weak self] in self?.letGo(slot.number) }
        } catch {
            letGo(slot.number)
            throw error
        }
    }

    /// Takes in a connection that was opened step by step.
    func add(_ connection: SFTPConnection) {
        let promise = Promise<SFTPConnection>()
        promise.keep(.success(connection))
        state.withLock { state in
            state.slots.removeAll(where: \.isBroken)
            guard state.slots.count < settings.connectionLimit else { return }
            state.slots.append(Slot(number: state.nextNumber, connection: promise, userCount: 0))
            state.nextNumber += 1
        }
    }

    private func claim() -> (Slot, isNew: Bool) {
        state.withLock { state in
            state.slots.removeAll(where: \.isBroken)
            let best = state.slots.indices.min { state.slots[$0].userCount < state.slots[$1].userCount }
            if let best, state.slots[best].userCount == 0 || state.slots.count >= settings.connectionLimit {
                state.slots[best].userCount += 1
                return (state.slots[best], false)
            }
            let slot = Slot(number: state.nextNumber, connection: Promise(), userCount: 1)
            state.nextNumber += 1
            state.slots.append(slot)
            return (slot, true)
        }
    }

    private func letGo(_ number: Int) {
        state.withLock { state in
            guard let index = state.slots.firstIndex(where: { $0.number == number }) else { return }
            state.slots[index].userCount -= 1
        }
    }

    /// Opens a connection away from the cooperative pool; whoever stops waiting for it, others may use it.
    private func open(_ connection: Promise<SFTPConnection>) {
        let approach = SFTPApproach(settings: settings)
        approach.begin(within: settings.connectTimeout * 4) { [settings] () throws(TransferError) in
            let (session, greeting) = try approach.reach()
            return try SFTPConnection(session, greeting, settings)
        }.whenKept { connection.keep($0) }
    }
}
