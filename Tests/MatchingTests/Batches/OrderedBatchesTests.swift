// SPDX-License-Identifier: Apache-2.0

import Glibc
import Matching
import Synchronization
import Testing

@Suite struct OrderedBatchesTests {
    private struct Failure: Error, Equatable { let place: Int }

    /// Counts up to a limit.
    private func counter(to limit: Int) -> () -> Int? {
        var next = 0
        return {
            guard next < limit else { return nil }
            next += 1
            return next - 1
        }
    }

    @Test(arguments: [1, 2, 5])
    func `results come in the order of the batches`(width: Int) throws {
        let workspaces = Mutex(0)
        var received: [Int] = []
        try OrderedBatches.run(
            width: width,
            produce: counter(to: 500),
            makeWorkspace: { workspaces.withLock { $0 += 1 } },
            work: { _, number in
                // Uneven work, so that later batches are done first.
                var sum = number
                for step in 0..<(number % 7) * 2000 { sum = sum &* 31 &+ step }
                return sum == .min ? -1 : number
            },
            finish: { received.append($0) }
        )
        #expect(received == Array(0..<500))
        #expect(workspaces.withLock { $0 } == width)
    }

    @Test func `no more batches are on their way than allowed`() throws {
        let produced = Mutex(0)
        var finished = 0
        let next = counter(to: 300)
        try OrderedBatches.run(
            width: 2,
            produce: {
                produced.withLock { $0 += 1 }
                return next()
            },
            makeWorkspace: {},
            work: { _, number in number },
            finish: { _ in
                // The producer may ask for one more than it has handed over.
                #expect(produced.withLock { $0 } <= finished + 2 * 2 + 2)
                finished += 1
            }
        )
        #expect(finished == 300)
    }

    @Test func `the first error stops everything`() throws {
        #expect(throws: Failure(place: 1)) {
            try OrderedBatches.run(
                width: 2,
                produce: { () throws -> Int? in throw Failure(place: 1) },
                makeWorkspace: {},
                work: { _, number in number },
                finish: { _ in }
            )
        }
        #expect(throws: Failure(place: 2)) {
            try OrderedBatches.run(
                width: 2,
                produce: counter(to: .max),
                makeWorkspace: { throw Failure(place: 2) },
                work: { _, number in number },
                finish: { _ in }
            )
        }
        #expect(throws: Failure(place: 3)) {
            try OrderedBatches.run(
                width: 2,
                produce: counter(to: .max),
                makeWorkspace: {},
                work: { _, number in
                    if number == 50 { throw Failure(place: 3) }
                    return number
                },
                finish: { _ in }
            )
        }
        var finished = 0
        #expect(throws: Failure(place: 4)) {
            try OrderedBatches.run(
                width: 2,
                produce: counter(to: .max),
                makeWorkspace: {},
                work: { _, number in number },
                finish: { number in
                    finished += 1
                    if number == 50 { throw Failure(place: 4) }
                }
            )
        }
        #expect(finished == 51)
    }

    @Test func `cancellation ends the run`() {
        let cancelled = Mutex(false)
        var finished = 0
        #expect(throws: CancellationError.self) {
            try OrderedBatches.run(
                width: 2,
                isCancelled: { cancelled.withLock { $0 } },
                produce: counter(to: .max),
                makeWorkspace: {},
                work: { _, number in number },
                finish: { number in
                    finished += 1
                    if number == 20 { cancelled.withLock { $0 = true } }
                }
            )
        }
        #expect(finished == 21)
    }

    @Test(arguments: [1, 2, 5])
    func `the calling thread makes batches and receives results in their order`(width: Int) throws {
        let next = counter(to: 300)
        let caller = pthread_self()
        var (produced, received): (Int, [Int]) = (0, [])
        try OrderedBatches.run(
            width: width,
            producingHere: {
                #expect(pthread_equal(pthread_self(), caller) != 0)
                produced += 1
                #expect(produced - received.count <= width * 2 + 2)
                return next()
            },
            work: { number in
                var sum = number
                for step in 0..<(number % 7) * 2000 { sum = sum &* 31 &+ step }
                return sum == .min ? -1 : number
            },
            finish: { received.append($0) }
        )
        #expect(received == Array(0..<300))
    }

    @Test func `an error in any function ends work whose batches the calling thread makes`() {
        for place in 0..<3 {
            let next = counter(to: 100)
            #expect(throws: Failure(place: place)) {
                try OrderedBatches.run(
                    width: 2,
                    producingHere: { () throws -> Int? in
                        let number = next()
                        if place == 0, number == 50 { throw Failure(place: 0) }
                        return number
                    },
                    work: { number in
                        if place == 1, number == 50 { throw Failure(place: 1) }
                        return number
                    },
                    finish: { number in
                        if place == 2, number == 50 { throw Failure(place: 2) }
                    }
                )
            }
        }
    }
}
