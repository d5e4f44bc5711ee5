// SPDX-License-Identifier: Apache-2.0

/// Batches that one thread makes, several work on, and the caller receives in the order in which they were made.
package enum OrderedBatches {
    /// Runs until there are no more batches, an error is thrown or the work is cancelled.
    ///
    /// The producer and the workers have threads of their own, and all have ended when this returns or throws; so
    /// what `produce` and `finish` capture is used by one thread at a time if they don't share it.
    /// At most twice `width` batches, and two more, are on their way at any time.
    ///
    /// - Parameters:
    ///   - width: The number of workers, at least 1.
    ///   - isCancelled: Asked before each batch, from any of the threads.
    ///   - produce: Makes the next batch on the producer's thread; gives none at the end.
    ///   - makeWorkspace: Makes what a worker keeps from batch to batch, once on each worker's thread.
    ///   - work: Turns a batch into a result, on any worker's thread.
    ///   - finish: Is given the results in order, on the calling thread.
    /// - Throws: The first error of any of the functions, or `CancellationError`.
    package static func run<Batch, Workspace, Result>(
        width: Int,
        isCancelled: @Sendable () -> Bool = { false },
        produce: () throws -> Batch?,
        makeWorkspace: @Sendable () throws -> Workspace,
        work: @Sendable (Workspace, Batch) throws -> Result,
        finish: (Result) throws -> Void
    ) throws {
        precondition(width >= 1, "at least one worker")
        let line = Monitor(Line<Batch, Result>(limit: width * 2 + 2))
        try withoutActuallyEscaping(produce) { produce in
            try withoutActuallyEscaping(isCancelled) { isCancelled in
                try withoutActuallyEscaping(makeWorkspace) { makeWorkspace in
                    try withoutActuallyEscaping(work) { work in
                        let producer = Box(produce)
                        var threads: [WorkerThread] = []
                        defer {
                            line.change { $0.isStopped = true }
                            for thread in threads { thread.join() }
                        }
                        let started = start(&threads) { produceAll(line, producer.value, isCancelled) }
                        for _ in 0..<width where started {
                            guard start(&threads, { workAll(line, makeWorkspace, work, isCancelled) }) else {
                                break
                            }
                        }
                        guard threads.count == width + 1 else {
                            throw MatchingError.noThread
                        }
                        try finishAll(line, finish, isCancelled)
                    }
                }
            }
        }
    }

    /// Runs as above, but the calling thread makes the batches, too: where only this thread can.
    ///
    /// - Parameters:
    ///   - width: The number of workers, at least 1.
    ///   - produce: Makes the next batch on the calling thread; gives none at the end.
    ///   - work: Turns a batch into a result, on any worker's thread.
    ///   - finish: Is given the results in order, on the calling thread.
    /// - Throws: The first error of any of the functions.
    package static func run<Batch, Result>(
        width: Int,
        producingHere produce: () throws -> Batch?,
        work: @Sendable (Batch) throws -> Result,
        finish: (Result) throws -> Void
    ) throws {
        precondition(width >= 1, "at least one worker")
        let line = Monitor(Line<Batch, Result>(limit: width * 2 + 2))
        try withoutActuallyEscaping(work) { work in
            var threads: [WorkerThread] = []
            defer {
                line.change { $0.isStopped = true }
                for thread in threads { thread.join() }
            }
            for _ in 0..<width {
                guard start(&threads, { workAll(line, {}, { _, batch in try work(batch) }, { false }) })
                else { throw MatchingError.noThread }
            }
            try feedAll(line, width, produce, finish)
        }
    }

    /// Takes a function to another thread.
    ///
    /// `@unchecked Sendable`: only that thread calls it, and the caller waits for its end.
    private struct Box<Value>: @unchecked Sendable {
        let value: Value
        init(_ value: Value) { self.value = value }
    }

    /// What is on its way.
    ///
    /// Batches and results are handed over, never used by two threads at once.
    private struct Line<Batch, Result> {
        let limit: Int
        var waiting: [(number: Int, batch: Batch)] = []
        var results: [Int: Result] = [:]
        var producedCount = 0
        var finishedCount = 0
        var hasEnded = false
        var isStopped = false
        var error: (any Error)?

        init(limit: Int) { self.limit = limit }

        mutating func fail(_ error: any Error) {
            if self.error == nil { self.error = error }
            isStopped = true
        }
    }

    private static func start(_ threads: inout [WorkerThread], _ body: @escaping @Sendable () -> Void) -> Bool
    {
        guard let thread = WorkerThread(body) else { return false }
        threads.append(thread)
        return true
    }

    private static func produceAll<Batch, Result>(
        _ line: Monitor<Line<Batch, Result>>,
        _ produce: () throws -> Batch?,
        _ isCancelled: () -> Bool
    ) {
        do {
            while true {
                let goesOn: Bool = line.wait { line in
                    if line.isStopped { return false }
                    return line.producedCount - line.finishedCount < line.limit ? true : nil
                }
                guard goesOn else { return }
                if isCancelled() { throw CancellationError() }
                guard let batch = try produce() else { break }
                line.change { line in
                    line.waiting.append((line.producedCount, batch))
                    line.producedCount += 1
                }
            }
            line.change { $0.hasEnded = true }
        } catch {
            line.change { $0.fail(error) }
        }
    }

    private static func workAll<Batch, Workspace, Result>(
        _ line: Monitor<Line<Batch, Result>>,
        _ makeWorkspace: () throws -> Workspace,
        _ work: (Workspace, Batch) throws -> Result,
        _ isCancelled: () -> Bool
    ) {
        do {
            let workspace = try makeWorkspace()
            while true {
                let next: (number: Int, batch: Batch)?? = line.wait { line in
                    if line.isStopped { return .some(nil) }
                    if !line.waiting.isEmpty { return line.waiting.removeFirst() }
                    return line.hasEnded ? .some(nil) : nil
                }
                guard let next = next ?? nil else { return }
                if isCancelled() { throw CancellationError() }
                let result = try work(workspace, next.batch)
                line.change { $0.results[next.number] = result }
            }
        } catch {
            line.change { $0.fail(error) }
        }
    }

    private static func finishAll<Batch, Result>(
        _ line: Monitor<Line<Batch, Result>>,
        _ finish: (Result) throws -> Void,
        _ isCancelled: () -> Bool
    ) throws {
        while true {
            let next: Swift.Result<Result?, any Error> = line.wait { line in
                if let error = line.error { return .failure(error) }
                if let result = line.results.removeValue(forKey: line.finishedCount) {
                    return .success(result)
                }
                return line.hasEnded && line.finishedCount == line.producedCount ? .success(nil) : nil
            }
            guard let result = try next.get() else { return }
            if isCancelled() { throw CancellationError() }
            try finish(result)
            line.change { $0.finishedCount += 1 }
        }
    }

    /// What the calling thread does next if it makes the batches.
    private enum Step<Result> {
        case produce
        case finish(Result)
        case end
    }

    private static func feedAll<Batch, Result>(
        _ line: Monitor<Line<Batch, Result>>,
        _ width: Int,
        _ produce: () throws -> Batch?,
        _ finish: (Result) throws -> Void
    ) throws {
        while true {
            let next: Swift.Result<Step<Result>, any Error> = line.wait { line in
                if let error = line.error { return .failure(error) }
                let mayProduce = !line.hasEnded && line.producedCount - line.finishedCount < line.limit
                // Workers shall not wait while results are received.
                if mayProduce, line.waiting.count < width { return .success(.produce) }
                if let result = line.results.removeValue(forKey: line.finishedCount) {
                    return .success(.finish(result))
                }
                if mayProduce { return .success(.produce) }
                return line.hasEnded && line.finishedCount == line.producedCount ? .success(.end) : nil
            }
            switch try next.get() {
            case .produce:
                let batch = try produce()
                line.change { line in
                    if let batch {
                        line.waiting.append((line.producedCount, batch))
                        line.producedCount += 1
                    } else {
                        line.hasEnded = true
                    }
                }
            case .finish(let result):
                try finish(result)
                line.change { $0.finishedCount += 1 }
            case .end: return
            }
        }
    }
}
