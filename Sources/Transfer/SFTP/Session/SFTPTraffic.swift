// SPDX-License-Identifier: Apache-2.0

import CLibSSH
import Glibc

/// The thread of a connection: packets out, packets in, deadlines.
// Unchecked: made on one thread and then handed to the connection's own, which alone touches it.
final class SFTPTraffic: @unchecked Sendable {
    private let session: SSHSession
    private let channel: ssh_channel
    private let event: ssh_event
    private let queue: SFTPQueue
    private let idleTimeout: Duration
    private let callbacks: UnsafeMutablePointer<ssh_channel_callbacks_struct>

    private var frames = SFTPFrames()
    private var outstanding: [UInt32: Outstanding] = [:]
    private var longCount = 0
    private var nextID: UInt32 = 1
    /// Packets that wait for room in the server's window; the first is sent up to `sentByteCount`.
    private var outgoing: [[UInt8]] = []
    private var outgoingIndex = 0
    private var sentByteCount = 0

    private let clock = ContinuousClock()
    private var lastProgress: ContinuousClock.Instant
    private var progressByteCount = 0
    private var isGarbled = false

    private struct Outstanding {
        let reply: Promise<SFTPReply>?
        let isLong: Bool
    }

    private let keepAliveInterval: Duration
    private let restTime: Duration
    private var lastUse: ContinuousClock.Instant

    init(_ session: SSHSession, _ queue: SFTPQueue, _ settings: SFTPSettings) throws(TransferError) {
        guard let channel = session.channel, let event = ssh_event_new() else {
            throw .system(.connect, nil, errno: ENOMEM)
        }
        self.session = session
        self.channel = channel
        self.event = event
        self.queue = queue
        idleTimeout = settings.idleTimeout
        keepAliveInterval = settings.keepAliveInterval
        restTime = settings.restTime
        lastProgress = clock.now
        lastUse = clock.now
        callbacks = .allocate(capacity: 1)
        callbacks.initialize(to: ssh_channel_callbacks_struct())
        callbacks.pointee.size = MemoryLayout<ssh_channel_callbacks_struct>.size
    }

    deinit {
        callbacks.deallocate()
    }

    /// Serves until the connection ends.
    func run() {
        let end: Void? = ExitGate.pass(stop: { [queue] in queue.stop() }) { serveAndLeave() }
        if end == nil { queue.finish(.disconnected) }
    }

    private func serveAndLeave() {
        ssh_set_blocking(session.handle, 0)
        callbacks.pointee.userdata = Unmanaged.passUnretained(self).toOpaque()
        callbacks.pointee.channel_data_function = { _, _, data, count, isError, traffic in
            if let data, let traffic, isError == 0 {
                let bytes = UnsafeRawBufferPointer(start: data, count: Int(count))
                Unmanaged<SFTPTraffic>.fromOpaque(traffic).takeUnretainedValue().receive(bytes)
            }
            return Int32(count)
        }
        ssh_set_channel_callbacks(channel, callbacks)
        ssh_event_add_session(event, session.handle)
        let bell = Unmanaged.passUnretained(queue).toOpaque()
        ssh_event_add_fd(
            event,
            queue.bellNumber,
            Int16(POLLIN),
            { _, _, queue in
                if let queue { Unmanaged<SFTPQueue>.fromOpaque(queue).takeUnretainedValue().silence() }
                return 0
            },
            bell
        )
        let end = serve()
        queue.finish(end)
        for item in outstanding.values { item.reply?.keep(.failure(end)) }
        outstanding = [:]
        ssh_remove_channel_callbacks(channel, callbacks)
        ssh_event_remove_fd(event, queue.bellNumber)
        ssh_event_remove_session(event, session.handle)
        ssh_event_free(event)
        session.end()
    }

    private func serve() -> TransferError {
        while true {
            let (items, isClosing) = queue.take()
            for item in items { add(item) }
            if queue.isStopping || (isClosing && outstanding.isEmpty) { return .disconnected }
            guard send() else { return .disconnected }
            let now = clock.now
            let wait: Duration
            if outstanding.isEmpty {
                if queue.isInUse { lastUse = now }
                if lastUse.duration(to: now) >= restTime { return .disconnected }
                if lastProgress.duration(to: now) >= keepAliveInterval {
                    keepAlive()
                    continue
                }
                wait = min(
                    keepAliveInterval - lastProgress.duration(to: now),
                    restTime - lastUse.duration(to: now)
                )
            } else {
                let limit = longCount > 0 ? idleTimeout * 10 : idleTimeout
                wait = limit - lastProgress.duration(to: now)
                if wait <= .zero { return .timedOut(seconds: limit.seconds) }
            }
            let milliseconds = Int32(clamping: Int((wait.seconds * 1_000).rounded(.up)))
            let code = ssh_event_dopoll(event, milliseconds)
            if isGarbled { return .protocolFault("the server sent something that is not SFTP") }
            let isGone = ssh_channel_is_closed(channel) != 0 || ssh_channel_is_eof(channel) != 0
            guard code != SSH_ERROR, session.isConnected, !isGone else { return .disconnected }
        }
    }

    private func add(_ item: SFTPQueue.Item) {
        if outstanding.isEmpty { lastProgress = clock.now }
        lastUse = clock.now
        outstanding[nextID] = Outstanding(reply: item.reply, isLong: item.request.isLong)
        if item.request.isLong { longCount += 1 }
        outgoing.append(item.request.packet(id: nextID))
        nextID &+= 1
    }

    /// Asks for the root's name, which every server answers.
    private func keepAlive() {
        lastProgress = clock.now
        outstanding[nextID] = Outstanding(reply: nil, isLong: false)
        outgoing.append(SFTPRequest.resolve(path: Array(".".utf8)).packet(id: nextID))
        nextID &+= 1
    }

    /// Sends as much as the server and the system take now; false where the connection is broken.
    private func send() -> Bool {
        while outgoingIndex < outgoing.count {
            guard ssh_get_poll_flags(session.handle) & Int32(SSH_WRITE_PENDING) == 0 else { return true }
            let packet = outgoing[outgoingIndex]
            let room = Int(ssh_channel_window_size(channel))
            let count = min(packet.count - sentByteCount, room)
            guard count > 0 else { return true }
            let written = packet.withUnsafeBytes { bytes in
                ssh_channel_write(channel, bytes.baseAddress?.advanced(by: sentByteCount), UInt32(count))
            }
            guard written >= 0 else { return false }
            guard written > 0 else { return true }
            progress(byteCount: Int(written))
            sentByteCount += Int(written)
            guard sentByteCount == packet.count else { continue }
            outgoing[outgoingIndex] = []
            outgoingIndex += 1
            sentByteCount = 0
        }
        outgoing.removeAll(keepingCapacity: true)
        outgoingIndex = 0
        return true
    }

    private func receive(_ bytes: UnsafeRawBufferPointer) {
        progress(byteCount: bytes.count)
        let isSensible = frames.add(bytes) { frame in
            guard let item = outstanding.removeValue(forKey: frame.id) else { return }
            if item.isLong { longCount -= 1 }
            lastProgress = clock.now
            guard let reply = SFTPReply(type: frame.type, body: frame.body) else {
                isGarbled = true
                item.reply?.keep(.failure(.protocolFault("a reply makes no sense")))
                return
            }
            item.reply?.keep(.success(reply))
        }
        if !isSensible { isGarbled = true }
    }

    /// Notes that bytes moved; a slow line that moves 32 KiB in the time is not taken for a stuck one.
    private func progress(byteCount: Int) {
        progressByteCount += byteCount
        guard progressByteCount >= 32 << 10 else { return }
        progressByteCount = 0
        lastProgress = clock.now
    }
}
