// SPDX-License-Identifier: Apache-2.0

/// The sorting of a range of a buffer on a thread of its own, and its writing into a nameless file if wanted.
///
/// `@unchecked Sendable`: the thread alone uses the range and the outcome until ``run()`` has waited for its end.
final class SortSpill: @unchecked Sendable {
    let buffer: SortBuffer
    private let range: Range<Int>
    private let directory: String?
    private var outcome: Result<SortedRun, SortedListError> = .failure(.threads)
    private var thread: WorkerThread?

    /// Starts to sort.
    ///
    /// - Parameters:
    ///   - buffer: The strings.
    ///   - range: Which of them.
    ///   - directory: Where the file takes its room; none to leave the strings in memory.
    /// - Throws: ``SortedListError/threads``.
    init(_ buffer: SortBuffer, _ range: Range<Int>, directory: String?) throws(SortedListError) {
        self.buffer = buffer
        self.range = range
        self.directory = directory
        thread = WorkerThread { [unowned self] in work() }
        guard thread != nil else { throw .threads }
    }

    deinit {
        thread?.join()
    }

    /// Waits for the sorted run.
    func run() throws(SortedListError) -> SortedRun {
        thread?.join()
        thread = nil
        return try outcome.get()
    }

    private func work() {
        buffer.sort(range)
        let sorted = SortedRun(buffer, range)
        guard let directory else { return outcome = .success(sorted) }
        do throws(SortedListError) {
            let run = try SortedRun.spill(in: directory) { blocks throws(SortedListError) in
                while let (text, isRemoval) = try sorted.next() {
                    guard let base = text.baseAddress else { continue }
                    try blocks.append(base, text.count, isRemoval: isRemoval)
                }
            }
            outcome = .success(run)
        } catch {
            outcome = .failure(error)
        }
    }
}
