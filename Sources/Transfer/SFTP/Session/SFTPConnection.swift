// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A signed-in connection that serves many tasks at a time.
///
/// A thread of its own sends what is asked for and delivers the replies. It ends when the connection breaks, rests
/// unused or is dropped.
final class SFTPConnection: Sendable {
    let greeting: SFTPApproach.Greeting
    private let queue: SFTPQueue

    /// How many bytes one request reads or writes.
    let blockByteCount: Int

    /// Starts the connection's thread; blocks while the server says what it can.
    init(_ session: SSHSession, _ greeting: SFTPApproach.Greeting, _ settings: SFTPSettings)
        throws(TransferError)
    {
        self.greeting = greeting
        blockByteCount = try SFTPConnection.blockByteCount(session, greeting)
        let queue = try SFTPQueue()
        self.queue = queue
        let traffic = try SFTPTraffic(session, queue, settings)
        guard startThread({ traffic.run() }) else { throw .system(.connect, nil, errno: EAGAIN) }
    }

    deinit {
        queue.close()
    }

    /// Asks the server for something.
    ///
    /// The replies to several requests may come in any order.
    func send(_ request: SFTPRequest) -> Promise<SFTPReply> {
        queue.add(request)
    }

    /// Keeps the connection from ending for lack of use.
    func beginUse() {
        queue.changeUserCount(by: 1)
    }

    /// Takes back one ``beginUse()``.
    func endUse() {
        queue.changeUserCount(by: -1)
    }

    /// Whether the connection has ended or is about to.
    var isBroken: Bool { queue.end != nil }

    /// The largest block that the server takes, where it says (`limits@openssh.com`), 32 KiB otherwise.
    ///
    /// The draft obliges servers to take packets of 34,000 bytes (section 3).
    private static func blockByteCount(
        _ session: SSHSession,
        _ greeting: SFTPApproach.Greeting
    ) throws(TransferError) -> Int {
        guard greeting.extensions.contains(.limits) else { return 32 << 10 }
        let answer = try session.ask(SFTPRequest.limits.packet(id: 0))
        var fields = SFTPFields(answer.body)
        guard answer.type == 201, let packet = fields.number64(), let read = fields.number64(),
            let write = fields.number64()
        else { return 32 << 10 }
        let sizes = [packet > 1_024 ? packet - 1_024 : 0, read, write].filter { $0 > 0 }
        return Int(min(255 << 10, max(32 << 10, sizes.min() ?? 0)))
    }
}

/// Starts a thread of the operating system; false where there is no room for one.
private func startThread(_ run: @escaping @Sendable () -> Void) -> Bool {
    final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
    let body = Unmanaged.passRetained(Body(run))
    var thread = pthread_t()
    let code = pthread_create(
        &thread,
        nil,
        { argument in
            if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
            return nil
        },
        body.toOpaque()
    )
    guard code == 0 else {
        body.release()
        return false
    }
    pthread_detach(thread)
    return true
}
