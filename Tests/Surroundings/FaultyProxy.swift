// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A way to a server of ours that breaks or slows down where a test wants it to.
package final class FaultyProxy: Sendable {
    /// Whose bytes count.
    package enum Direction: Sendable {
        case upload
        case download
        case both
    }

    /// What happens once so many bytes were carried, on all connections together, since the fault before.
    package enum Fault: Sendable {
        /// The connection that carried the last of them breaks off.
        case cut(afterBytes: Int)
        /// Nothing more goes over that connection until the test lets go.
        case hold(afterBytes: Int)
        /// One byte a second goes over that connection from then on.
        case crawl(afterBytes: Int)
        /// One byte a second goes over each connection from then on.
        case crawlEverywhere(afterBytes: Int)

        fileprivate var limit: Int {
            switch self {
            case .cut(let limit), .hold(let limit), .crawl(let limit), .crawlEverywhere(let limit): limit
            }
        }
    }

    /// A connection never came as far as the test wanted it to be held.
    package struct NothingHeld: Error {}

    private struct State {
        /// The faults to come, one after the other.
        var faults: [Fault]
        /// The bytes that were counted since the last fault.
        var counted = 0
        var isCrawling = false
        var lines: [WeakLine] = []
    }

    package let port: UInt16
    private let listener: Int32
    private let serverPort: UInt16
    private let direction: Direction
    private let onFault: @Sendable () -> Void
    private let state: Mutex<State>
    private let byteCount = Atomic<Int>(0)
    private let connectionCount = Atomic<Int>(0)
    private let hasHeld = Atomic<Bool>(false)
    private let isLetGo = Atomic<Bool>(false)

    /// Starts a proxy on a free loopback port.
    ///
    /// - Parameters:
    ///   - serverPort: The loopback port to pass bytes to.
    ///   - direction: Whose bytes count for the faults.
    ///   - faults: What happens, one after the other; afterwards all goes well.
    ///   - onFault: Called at each fault, before the last bytes that it lets through go on.
    /// - Throws: What keeps the port from being opened.
    package init(
        to serverPort: UInt16,
        counting direction: Direction = .both,
        _ faults: [Fault],
        onFault: @escaping @Sendable () -> Void = {}
    ) throws {
        (listener, port) = try listeningSocket()
        self.serverPort = serverPort
        self.direction = direction
        self.onFault = onFault
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

    /// Starts a proxy on a free loopback port.
    package convenience init(
        to serverPort: UInt16,
        counting direction: Direction = .both,
        _ faults: Fault...,
        onFault: @escaping @Sendable () -> Void = {}
    ) throws {
        try self.init(to: serverPort, counting: direction, faults, onFault: onFault)
    }

    deinit {
        stop()
    }

    /// Whether a connection was held.
    package var isHolding: Bool { hasHeld.load(ordering: .relaxed) }

    /// Waits until a connection is held.
    package func waitUntilHolding() async throws {
        for _ in 0..<20_000 where !isHolding { try await Task.sleep(for: .milliseconds(1)) }
        guard isHolding else { throw NothingHeld() }
    }

    /// Lets held connections go on.
    package func letGo() {
        isLetGo.store(true, ordering: .relaxed)
    }

    /// The bytes carried so far, in both directions together.
    package var carried: Int { byteCount.load(ordering: .relaxed) }

    /// The connections so far.
    package var connections: Int { connectionCount.load(ordering: .relaxed) }

    /// Ends all connections and takes no more.
    package func stop() {
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
        let line = Line(client, server)
        state.withLock { $0.lines.append(WeakLine(line: line)) }
        carry(.upload, from: client, to: server, line)
        carry(.download, from: server, to: client, line)
    }

    /// How many of so many bytes go on as usual before what the line suffers.
    private func passing(_ count: Int, _ direction: Direction, _ line: Line) -> Int {
        byteCount.add(count, ordering: .relaxed)
        let (passing, isNew) = state.withLock { state -> (Int, Bool) in
            guard line.fault == nil, !state.isCrawling else { return (0, false) }
            guard self.direction == .both || self.direction == direction, let fault = state.faults.first
            else { return (count, false) }
            state.counted += count
            guard state.counted >= fault.limit else { return (count, false) }
            let passing = count - (state.counted - fault.limit)
            state.faults.removeFirst()
            state.counted = 0
            if case .crawlEverywhere = fault { state.isCrawling = true }
            line.suffer(fault)
            return (passing, true)
        }
        if isNew { onFault() }
        return passing
    }

    private func carry(_ direction: Direction, from source: Int32, to target: Int32, _ line: Line) {
        // Ends when either side hangs up, which cutting and stop() make them do.
        Thread.detachNewThread { [weak self] in
            var buffer = [UInt8](repeating: 0, count: 16_384)
            while true {
                let count = read(source, &buffer, buffer.count)
                guard count > 0 else { break }
                let passing = self?.passing(count, direction, line) ?? count
                guard Self.pass(buffer[..<passing], to: target) else { break }
                guard passing < count || line.fault != nil else { continue }
                switch line.fault {
                case .cut: break
                case .hold:
                    self?.hasHeld.store(true, ordering: .relaxed)
                    while let self, !self.isLetGo.load(ordering: .relaxed), !line.isCut { usleep(1_000) }
                    if Self.pass(buffer[passing..<count], to: target) { continue }
                case .crawl, .crawlEverywhere, nil:
                    if Self.crawl(buffer[passing..<count], to: target, line) { continue }
                }
                break
            }
            line.cut()
        }
    }

    private static func pass(_ bytes: ArraySlice<UInt8>, to target: Int32) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let rest = bytes.count - done
                let written = send(target, bytes.baseAddress?.advanced(by: done), rest, Int32(MSG_NOSIGNAL))
                guard written > 0 else { return false }
                done += written
            }
            return true
        }
    }

    private static func crawl(_ bytes: ArraySlice<UInt8>, to target: Int32, _ line: Line) -> Bool {
        for index in bytes.indices {
            sleep(1)
            guard !line.isCut, pass(bytes[index...index], to: target) else { return false }
        }
        return true
    }

    /// What both directions of a connection share.
    private final class Line: Sendable {
        private let sockets: [Int32]
        private let hasCut = Atomic<Bool>(false)
        private let suffered = Mutex<Fault?>(nil)

        init(_ sockets: Int32...) {
            self.sockets = sockets
        }

        deinit {
            for socket in sockets { close(socket) }
        }

        var isCut: Bool { hasCut.load(ordering: .relaxed) }

        var fault: Fault? { suffered.withLock { $0 } }

        func suffer(_ fault: Fault) {
            suffered.withLock { $0 = fault }
        }

        func cut() {
            hasCut.store(true, ordering: .relaxed)
            for socket in sockets { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    private struct WeakLine {
        weak var line: Line?
    }
}
