// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An address that a server's name stands for.
struct ServerAddress: Sendable, CustomStringConvertible {
    private let storage: [UInt8]
    private let family: Int32

    /// The address as text, without the port.
    let description: String

    /// All addresses of a server; blocks as long as the system's resolver does.
    static func all(of host: String, port: UInt16) throws(TransferError) -> [ServerAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        guard !host.isEmpty, getaddrinfo(host, String(port), &hints, &list) == 0 else {
            throw .nameUnknown(host: host)
        }
        defer { freeaddrinfo(list) }
        var addresses: [ServerAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let address = ServerAddress(entry) { addresses.append(address) }
            next = entry.ai_next
        }
        guard !addresses.isEmpty else { throw .nameUnknown(host: host) }
        return addresses
    }

    private init?(_ entry: addrinfo) {
        guard let address = entry.ai_addr else { return nil }
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let length = socklen_t(text.count)
        guard getnameinfo(address, entry.ai_addrlen, &text, length, nil, 0, NI_NUMERICHOST) == 0 else {
            return nil
        }
        storage = Array(UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen)))
        family = entry.ai_family
        description = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Opens a connection; blocks until it stands or the time is up.
    func connect(within limit: Duration, guardedBy socketGuard: SocketGuard) throws(SystemError) -> Int32 {
        let number = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw SystemError() }
        do throws(SystemError) {
            do throws(TransferError) {
                try socketGuard.watch(number)
            } catch {
                throw SystemError(ECANCELED)
            }
            try connect(number, within: limit)
            var isOn: Int32 = 1
            let size = socklen_t(MemoryLayout<Int32>.size)
            setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, size)
            setsockopt(number, SOL_SOCKET, SO_KEEPALIVE, &isOn, size)
            return number
        } catch {
            _ = close(number)
            throw error
        }
    }

    private func connect(_ number: Int32, within limit: Duration) throws(SystemError) {
        let flags = fcntl(number, F_GETFL)
        _ = fcntl(number, F_SETFL, flags | O_NONBLOCK)
        let code = storage.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) {
                Glibc.connect(number, $0.baseAddress, socklen_t(storage.count))
            }
        }
        if code != 0 {
            guard errno == EINPROGRESS || errno == EINTR else { throw SystemError() }
            var waiting = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
            let milliseconds = Int32(clamping: Int(limit.seconds * 1_000))
            guard retrying({ poll(&waiting, 1, milliseconds) }) > 0 else { throw SystemError(ETIMEDOUT) }
            var error: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            guard getsockopt(number, SOL_SOCKET, SO_ERROR, &error, &size) == 0 else { throw SystemError() }
            guard error == 0 else { throw SystemError(error) }
        }
        _ = fcntl(number, F_SETFL, flags)
    }
}
