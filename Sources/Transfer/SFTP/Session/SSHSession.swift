// SPDX-License-Identifier: Apache-2.0

import CLibSSH
import Glibc

/// A session of libssh over a connection that stands already.
///
/// The functions block. No configuration file, known hosts file or agent is read.
// Unchecked: libssh's session is used by one thread at a time, first by the one that signs in, then by the
// connection's own.
final class SSHSession: @unchecked Sendable {
    let handle: ssh_session
    private(set) var channel: ssh_channel?
    private let socket: Int32
    /// Another descriptor of the same socket, by which it is known.
    private let witness: FileDescriptor
    private var isEnded = false

    /// Takes over a connected socket, which is closed with the session.
    ///
    /// - Parameters:
    ///   - socket: The connected socket.
    ///   - settings: Whom to sign in.
    ///   - hostKeys: The kinds of host key to accept, as SSH lists them.
    /// - Throws: ``TransferError/protocolFault(_:)`` where libssh takes none of this.
    init(socket: Int32, settings: SFTPSettings, hostKeys: String) throws(TransferError) {
        let copy = fcntl(socket, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0, let handle = ssh_new() else {
            _ = close(socket)
            throw .system(.connect, nil, errno: ENOMEM)
        }
        witness = FileDescriptor(copy)
        self.handle = handle
        self.socket = socket
        var socket = socket
        var isOff: Int32 = 0
        var isOn: Int32 = 1
        var port = UInt32(settings.port)
        var seconds = Int(settings.connectTimeout.seconds.rounded(.up)) + 1
        ssh_options_set(handle, SSH_OPTIONS_FD, &socket)
        ssh_options_set(handle, SSH_OPTIONS_PROCESS_CONFIG, &isOff)
        ssh_options_set(handle, SSH_OPTIONS_NODELAY, &isOn)
        ssh_options_set(handle, SSH_OPTIONS_PORT, &port)
        ssh_options_set(handle, SSH_OPTIONS_TIMEOUT, &seconds)
        let texts: [(ssh_options_e, String)] = [
            (SSH_OPTIONS_HOST, settings.host),
            (SSH_OPTIONS_USER, settings.user),
            (SSH_OPTIONS_HOSTKEYS, hostKeys),
            (SSH_OPTIONS_KNOWNHOSTS, "/dev/null"),
            (SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null"),
            (SSH_OPTIONS_SSH_DIR, "/dev/null"),
            // AES with authentication first: processors do it in hardware.
            (SSH_OPTIONS_CIPHERS_C_S, SSHSession.ciphers),
            (SSH_OPTIONS_CIPHERS_S_C, SSHSession.ciphers),
            (SSH_OPTIONS_COMPRESSION, "no"),
        ]
        for (option, text) in texts {
            guard ssh_options_set(handle, option, text) == SSH_OK else {
                throw .protocolFault(String(cString: ssh_get_error(UnsafeMutableRawPointer(handle))))
            }
        }
    }

    deinit {
        end()
    }

    /// Hangs up; nothing may be asked of the session afterwards.
    func end() {
        guard !isEnded else { return }
        isEnded = true
        ssh_set_blocking(handle, 0)
        ssh_disconnect(handle)
        ssh_free(handle)
        // libssh leaves a socket open that it did not open, but closes it when the connection breaks; the number may
        // have become somebody else's then.
        guard let ours = try? witness.status() else { return }
        var found = stat()
        guard fstat(socket, &found) == 0, found.st_ino == ours.st_ino, found.st_dev == ours.st_dev else {
            return
        }
        _ = close(socket)
    }

    /// Agrees on keys with the server, which proves its host key by that.
    func shakeHands() throws(TransferError) -> HostKey {
        guard ssh_connect(handle) == SSH_OK else { throw failure() }
        var key: ssh_key?
        guard ssh_get_server_publickey(handle, &key) == SSH_OK, let key else { throw failure() }
        defer { ssh_key_free(key) }
        var hash: UnsafeMutablePointer<UInt8>?
        var count = 0
        guard ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &count) == 0 else {
            throw failure()
        }
        defer { ssh_clean_pubkey_hash(&hash) }
        guard let text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, count) else {
            throw failure()
        }
        defer { ssh_string_free_char(text) }
        let type = ssh_key_type_to_char(ssh_key_type(key)).map { String(cString: $0) }
        return HostKey(fingerprint: String(cString: text), type: type ?? "")
    }

    /// Opens the channel over which SFTP is spoken.
    func openChannel() throws(TransferError) {
        guard let channel = ssh_channel_new(handle) else { throw failure() }
        self.channel = channel
        guard ssh_channel_open_session(channel) == SSH_OK else { throw failure() }
        guard ssh_channel_request_sftp(channel) == SSH_OK else {
            throw isConnected ? .protocolFault("the server offers no SFTP") : .disconnected
        }
    }

    /// Sends a packet and waits for the one that answers it.
    func ask(_ packet: [UInt8]) throws(TransferError) -> SFTPFrames.Frame {
        guard let channel, ssh_channel_write(channel, packet, UInt32(packet.count)) == packet.count else {
            throw failure()
        }
        var frames = SFTPFrames()
        var answer: SFTPFrames.Frame?
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while answer == nil {
            let count = ssh_channel_read(channel, &buffer, UInt32(buffer.count), 0)
            guard count > 0 else { throw count < 0 ? failure() : .disconnected }
            let isSensible = buffer.withUnsafeBytes { bytes in
                frames.add(UnsafeRawBufferPointer(rebasing: bytes[..<Int(count)])) { answer = $0 }
            }
            guard isSensible else { throw .protocolFault("the server does not speak SFTP") }
        }
        guard let answer else { throw .disconnected }
        return answer
    }

    /// What the server calls itself, for example `SSH-2.0-OpenSSH_9.2`.
    var serverName: String {
        ssh_get_serverbanner(handle).map { String(cString: $0) } ?? ""
    }

    var isConnected: Bool { ssh_is_connected(handle) == 1 }

    /// Why the latest call failed, as far as libssh says.
    func failure() -> TransferError {
        let text = ssh_get_error(UnsafeMutableRawPointer(handle)).map { String(cString: $0) } ?? ""
        let isDisagreement = ["kex error", "banner", "no match", "signature"].contains {
            text.contains($0)
        }
        if isDisagreement { return .protocolFault(text) }
        return isConnected && !text.isEmpty && !text.contains("ocket")
            ? .protocolFault(text) : .disconnected
    }

    private static let ciphers =
        "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,"
        + "aes128-ctr,aes192-ctr,aes256-ctr"
}
