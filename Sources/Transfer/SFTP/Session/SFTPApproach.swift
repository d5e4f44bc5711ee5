// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// The way to a server: its name, a connection, its host key, signing in.
///
/// The functions block.
struct SFTPApproach: Sendable {
    let settings: SFTPSettings
    let socketGuard = SocketGuard()

    /// What a server said when SFTP began.
    struct Greeting: Sendable {
        /// What the server calls itself.
        let serverName: String

        /// The ways of signing in that it accepted.
        let methods: [String]

        /// What it offers beyond version 3.
        let extensions: Set<SFTPExtension>

        /// The account's root, as the server spells it.
        let root: [UInt8]
    }

    /// The addresses that the server's name stands for.
    func resolve() throws(TransferError) -> [ServerAddress] {
        try ServerAddress.all(of: settings.host, port: settings.port)
    }

    /// Opens a connection to the first address that answers.
    func connect(to addresses: [ServerAddress]) throws(TransferError) -> Int32 {
        var number = ETIMEDOUT
        for address in addresses {
            let share = settings.connectTimeout / max(1, min(3, addresses.count))
            do throws(SystemError) {
                return try address.connect(within: share, guardedBy: socketGuard)
            } catch {
                number = error.number
                if let reason = socketGuard.reason { throw reason }
            }
        }
        if number == ETIMEDOUT { throw .timedOut(seconds: settings.connectTimeout.seconds) }
        throw .unreachable(host: settings.host, errno: number)
    }

    /// Begins a session with a server that shows a confirmed host key; no other gets as far as seeing our user.
    ///
    /// A server with keys of several kinds is asked for each kind until it shows one that was confirmed.
    func begin(on socket: Int32, _ addresses: [ServerAddress]) throws(TransferError) -> (SSHSession, HostKey)
    {
        let (session, key) = try shakeHands(on: socket, HostKeyFamily.all)
        guard !settings.hostKeys.isEmpty else { throw .hostKeyUnknown(presented: key.fingerprint) }
        if settings.hostKeys.contains(key.fingerprint) { return (session, key) }
        for family in HostKeyFamily.allCases where !family.rawValue.contains(key.type) {
            guard let (session, other) = try knock(family, addresses) else { continue }
            if settings.hostKeys.contains(other.fingerprint) { return (session, other) }
        }
        throw .hostKeyChanged(presented: key.fingerprint, pinned: settings.hostKeys)
    }

    /// The host keys that the server shows, the best first, without signing in.
    func scan() throws(TransferError) -> [HostKey] {
        let addresses = try resolve()
        let (_, first) = try shakeHands(on: connect(to: addresses), HostKeyFamily.all)
        var keys = [first]
        for family in HostKeyFamily.allCases where !family.rawValue.contains(first.type) {
            if let (_, key) = try knock(family, addresses) { keys.append(key) }
        }
        return keys
    }

    /// Signs in and begins SFTP.
    func signIn(_ session: SSHSession) throws(TransferError) -> Greeting {
        try socketGuard.within(settings.connectTimeout) { () throws(TransferError) in
            let methods = try session.signIn(settings)
            try session.openChannel()
            let version = try session.ask(SFTPRequest.greeting)
            guard version.type == 2, version.id >= 3 else {
                throw .protocolFault("the server does not speak SFTP version 3")
            }
            var fields = SFTPFields(version.body)
            var extensions: Set<SFTPExtension> = []
            while !fields.isAtEnd, let name = fields.string(), fields.string() != nil {
                SFTPExtension(rawValue: String(decoding: name, as: UTF8.self)).map {
                    _ = extensions.insert($0)
                }
            }
            return Greeting(
                serverName: session.serverName,
                methods: methods,
                extensions: extensions,
                root: try root(session)
            )
        }
    }

    /// All of it.
    func reach() throws(TransferError) -> (SSHSession, Greeting) {
        let addresses = try resolve()
        let (session, _) = try begin(on: connect(to: addresses), addresses)
        return (session, try signIn(session))
    }

    private func root(_ session: SSHSession) throws(TransferError) -> [UInt8] {
        let path = settings.root.isEmpty ? Array(".".utf8) : Array(settings.root.utf8)
        let answer = try session.ask(SFTPRequest.resolve(path: path).packet(id: 0))
        guard case .names(let names)? = SFTPReply(type: answer.type, body: answer.body),
            let name = names.first, name.bytes.first == UInt8(ascii: "/")
        else { return path }
        return name.bytes
    }

    private func shakeHands(on socket: Int32, _ kinds: String) throws(TransferError) -> (SSHSession, HostKey)
    {
        let session = try SSHSession(socket: socket, settings: settings, hostKeys: kinds)
        let key = try socketGuard.within(settings.connectTimeout) { () throws(TransferError) in
            try session.shakeHands()
        }
        return (session, key)
    }

    /// Tries to get a key of one kind shown, nothing where the server has none.
    private func knock(
        _ family: HostKeyFamily,
        _ addresses: [ServerAddress]
    ) throws(TransferError) -> (SSHSession, HostKey)? {
        do throws(TransferError) {
            return try shakeHands(on: connect(to: addresses), family.rawValue)
        } catch {
            guard case .protocolFault = error else { throw error }
            return nil
        }
    }
}
