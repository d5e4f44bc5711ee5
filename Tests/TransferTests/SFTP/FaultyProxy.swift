// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Testing

/// A way to a server of ours that breaks or slows down where a test wants it to.
final class FaultyProxy: Sendable {
    /// What happens to a connection once it has carried some bytes, in both directions together.
    enum Fault: Sendable {
        case none
        case cut(afterBytes: Int)
        /// Nothing more until the test lets go.
        case hold(afterBytes: Int)
        /// One byte a second from then on.
        case crawl(afterBytes: Int)
    }

    private struct State {
        /// The faults of the next connections; later ones have none.
        var faults: [Fault]
        var lines: [WeakLine] = []
    }

    let port: UInt16
    private let listener: Int32
    private let serverPort: UInt16
    private let state: Mutex<State>
    private let byteCount = Atomic<Int>(0)
    private let connectionCount = Atomic<Int>(0)
    private let isHolding = Atomic<Bool>(false)
    private let isLetGo = Atomic<Bool>(false)

    init(to serverPort: UInt16, _ faults: Fault...) throws {
        (listener, port) = try listeningSocket()
        self.serverPort = serverPort
        state = Mutex(State(faults: faults))
        let listener = listener
        // Ends when the listener is shut down by stop().
        Thread.detachNewThread { [weak self] in
            while true {
                let socket = accept(listener, nil, nil)
                guard socket >= 0, let self else { break }
                serve(socket)
            }
            close(listener)
        }
    }

    deinit {
        stop()
    }

    /// Waits until a connection is held.
    func waitUntilHolding() async throws {
        for _ in 0..<10_000 where !isHolding.load(ordering: .relaxed) {
            try await Task.sleep(for: .milliseconds(1))
        }
        let holds = isHolding.load(ordering: .relaxed)
        #expect(holds)
    }

    /// Lets held connections go on.
    func letGo() {
        isLetGo.store(true, ordering: .relaxed)
    }

    /// The bytes carried so far, in both directions together.
    var carried: Int { byteCount.load(ordering: .relaxed) }

    /// The connections so far.
    var connections: Int { connectionCount.load(ordering: .relaxed) }

    /// Ends all connections and takes no more.
    func stop() {
        let lines = state.withLock { state in
            defer { state.lines = [] }
            return state.lines
        }
        for line in lines { line.line?.cut() }
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func serve(_ client: Int32) {
        guard let server = try? connectedSocket(to: serverPort) else {
            close(client)
            return
        }
        connectionCount.add(1, ordering: .relaxed)
        let fault = state.withLock { state in
            state.faults.isEmpty ? .none : state.faults.removeFirst()
        }
        let line = Line(fault, client, server)
        state.withLock { $0.lines.append(WeakLine(line: line)) }
        carry(from: client, to: server, line)
        carry(from: server, to: client, line)
    }

    /// What both directions of a connection share.
    private final class Line: Sendable {
        let fault: Fault
        let byteCount = Atomic<Int>(0)
        private let sockets: [Int32]
        private let hasCut = Atomic<Bool>(false)

        var isCut: Bool { hasCut.load(ordering: .relaxed) }

        init(_ fault: Fault, _ sockets: Int32...) {
            self.fault = fault
            self.sockets = sockets
        }

        deinit {
            for socket in sockets { close(socket) }
        }

        func cut() {
            hasCut.store(true, ordering: .relaxed)
            for socket in sockets { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    private struct WeakLine {
        weak var line: Line?
    }

    private func carry(from source: Int32, to target: Int32, _ line: Line) {
        // Ends when either side hangs up, which cutting and stop() make them do.
        Thread.detachNewThread { [weak self] in
            var buffer = [UInt8](repeating: 0, count: 16_384)
            while true {
                let count = read(source, &buffer, buffer.count)
                guard count > 0 else { break }
                let total = line.byteCount.add(count, ordering: .relaxed).newValue
                self?.byteCount.add(count, ordering: .relaxed)
                if case .cut(let limit) = line.fault, total > limit { break }
                if case .hold(let limit) = line.fault, total > limit {
                    self?.isHolding.store(true, ordering: .relaxed)
                    while self?.isLetGo.load(ordering: .relaxed) == false, !line.isCut { usleep(1_000) }
                }
                var isCrawling = false
                if case .crawl(let limit) = line.fault, total > limit { isCrawling = true }
                var done = 0
                while done < count {
                    if isCrawling { sleep(1) }
                    let piece = isCrawling ? 1 : count - done
                    let written = buffer.withUnsafeBytes { bytes in
                        send(
                            target,
                            bytes.baseAddress?.advanced(by: done),
                            piece,
                            Int32(MSG_NOSIGNAL)
                        )
                    }
                    guard written > 0 else { break }
                    done += written
                }
                guard done == count else { break }
            }
            line.cut()
        }
    }
}
