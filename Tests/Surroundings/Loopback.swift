// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A port of this machine that nobody listens on.
package func freePort() throws -> UInt16 {
    let (socket, port) = try listeningSocket()
    close(socket)
    return port
}

/// A socket that listens on a free port of this machine.
package func listeningSocket() throws -> (socket: Int32, port: UInt16) {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in.loopback(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(number, $0, length) == 0 && listen(number, 64) == 0 ? getsockname(number, $0, &length) : -1
        }
    }
    guard code == 0 else {
        defer { close(number) }
        throw CocoaError(.fileWriteUnknown)
    }
    return (number, UInt16(bigEndian: address.sin_port))
}

/// A connection to a port of this machine.
package func connectedSocket(to port: UInt16) throws -> Int32 {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in.loopback(port: port)
    let code = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard code == 0 else {
        defer { close(number) }
        throw CocoaError(.fileReadUnknown)
    }
    return number
}

extension sockaddr_in {
    fileprivate static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
