// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// An OpenSSH server of our own on a free port of this machine, with users in a chroot.
///
/// A shell looks after it and takes everything away when its input closes: when this object is dropped, and when the
/// test process ends, however it ends.
package final class SFTPServer: Sendable {
    /// How a user signs in, and what the server lets it do.
    package enum User: String, CaseIterable {
        /// With the password or a key.
        case ordinary = "o"
        /// With a key and then the password.
        case both = "b"
        /// As an ordinary one, on a server that offers nothing beyond version 3.
        case plain = "p"
    }

    package static let password = "correct horse \"battery\" staple"

    /// The folder that holds everything of the server's.
    package let base: String
    package let port: UInt16

    /// The user ID that all users share.
    package let userID: uid_t

    private let child: Process
    private let input: Pipe
    private let answers: Pipe
    private let processID = Mutex<Int32>(0)
    private let number: Int

    /// Why no server can be started here, nothing where one can.
    package static let obstacle: String? = {
        guard geteuid() == 0 else { return "starting sshd with a chroot needs root" }
        for tool in ["/usr/sbin/sshd", "/usr/bin/ssh-keygen", "/usr/sbin/useradd", "/usr/sbin/chpasswd"] {
            guard access(tool, X_OK) == 0 else { return "\(tool) is not installed" }
        }
        return nil
    }()

    /// One server for all tests that do not hurt it.
    package static let shared = Result { try SFTPServer() }

    private static let counter = Atomic<Int>(0)

    /// Starts a server, with more lines for its configuration.
    package init(options: String = "") throws {
        let number = SFTPServer.counter.add(1, ordering: .relaxed).newValue
        let base = "/srv/tallystick-tests-\(getpid())-\(number)"
        self.base = base
        self.number = number
        port = try freePort()
        userID = 60_000 + uid_t(getpid() % 4_000) * 1 + uid_t(number)
        let names = User.allCases.map { SFTPServer.name(of: $0, number) }
        try SFTPServer.prepare(base, port, number, options)

        let child = Process()
        let input = Pipe()
        let output = Pipe()
        child.executableURL = URL(filePath: "/bin/sh")
        child.arguments = ["-c", SFTPServer.caretaker, "sh", base, String(userID)] + names
        child.environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PASSWORD": SFTPServer.password]
        child.standardInput = input
        child.standardOutput = output
        try child.run()
        try output.fileHandleForWriting.close()
        self.child = child
        self.input = input
        answers = output
        try waitUntilListening()
    }

    deinit {
        stop()
    }

    /// Ends the server and everything of it, and waits for that.
    package func stop() {
        try? input.fileHandleForWriting.close()
        child.waitUntilExit()
    }

    /// Ends the server and all its connections at once, as when its machine loses power.
    package func kill() {
        let server = processID.withLock { $0 }
        for id in descendants(of: server) + [server] { _ = Glibc.kill(id, SIGKILL) }
    }

    /// Ends all connections at once; the server takes new ones.
    package func cutConnections() {
        for id in descendants(of: processID.withLock { $0 }) { _ = Glibc.kill(id, SIGKILL) }
    }

    /// Whether anybody is connected.
    package var hasConnections: Bool { !descendants(of: processID.withLock { $0 }).isEmpty }

    /// Starts a server that was killed again on its port, with its keys, and waits until it listens.
    package func start() throws {
        try input.fileHandleForWriting.write(contentsOf: Data("start\n".utf8))
        try waitUntilListening()
    }

    /// The name that a user signs in with.
    package func name(of user: User) -> String { Self.name(of: user, number) }

    /// A folder that the users see as their root.
    package var jail: String { base + "/jail" }

    /// The fingerprint of one of the server's keys, by `ssh-keygen`.
    package func hostKey(_ type: String) throws -> String {
        let text = try output(of: "/usr/bin/ssh-keygen", ["-lf", "\(base)/host_\(type).pub"])
        guard let fingerprint = text.split(separator: " ").dropFirst().first else {
            throw CocoaError(.fileReadUnknown)
        }
        return String(fingerprint)
    }

    /// The text of a private key that the users may sign in with.
    package func privateKey(_ name: String) throws -> String {
        try String(contentsOfFile: "\(base)/user_\(name)", encoding: .utf8)
    }

    private static func name(of user: User, _ number: Int) -> String {
        "tally\(user.rawValue)\(getpid())n\(number)"
    }

    /// Hears from the caretaker which process the server is, and waits until it listens.
    private func waitUntilListening() throws {
        let line = String(decoding: answers.fileHandleForReading.availableData, as: UTF8.self)
        let server = Int32(line.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
        processID.withLock { $0 = server }
        for _ in 0..<200 {
            if let socket = try? connectedSocket(to: port) {
                close(socket)
                return
            }
            usleep(20_000)
        }
        throw NotListening(log: (try? String(contentsOfFile: base + "/log", encoding: .utf8)) ?? "")
    }

    /// The server did not come up; its log says why.
    package struct NotListening: Error {
        package let log: String
    }

    private static func prepare(_ base: String, _ port: UInt16, _ number: Int, _ options: String) throws {
        let manager = FileManager.default
        try manager.createDirectory(atPath: base + "/jail", withIntermediateDirectories: true)
        try manager.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
        var publicKeys = ""
        for type in ["ed25519", "ecdsa", "rsa"] {
            try makeKey("\(base)/host_\(type)", type)
            try makeKey("\(base)/user_\(type)", type)
            publicKeys += try String(contentsOfFile: "\(base)/user_\(type).pub", encoding: .utf8)
        }
        try makeKey("\(base)/user_locked", "ed25519", passphrase: "open sesame")
        publicKeys += try String(contentsOfFile: "\(base)/user_locked.pub", encoding: .utf8)
        try makeKey("\(base)/user_stranger", "ed25519")
        try publicKeys.write(toFile: base + "/authorized", atomically: false, encoding: .utf8)
        try configuration(base, port, number, options).write(
            toFile: base + "/config",
            atomically: false,
            encoding: .utf8
        )
    }

    private static func makeKey(_ path: String, _ type: String, passphrase: String = "") throws {
        let bits = type == "rsa" ? ["-b", "2048"] : []
        _ = try output(
            of: "/usr/bin/ssh-keygen",
            ["-q", "-t", type, "-N", passphrase, "-C", "", "-f", path] + bits
        )
    }

    private static func configuration(_ base: String, _ port: UInt16, _ number: Int, _ options: String)
        -> String
    {
        """
        ListenAddress 127.0.0.1
        Port \(port)
        \(options)
        HostKey \(base)/host_ed25519
        HostKey \(base)/host_ecdsa
        HostKey \(base)/host_rsa
        PidFile none
        UsePAM no
        UseDNS no
        StrictModes no
        PasswordAuthentication yes
        KbdInteractiveAuthentication no
        AuthorizedKeysFile \(base)/authorized
        MaxStartups 200
        LogLevel VERBOSE
        Subsystem sftp internal-sftp
        ChrootDirectory \(base)/jail
        ForceCommand internal-sftp
        Match User \(name(of: .both, number))
            AuthenticationMethods publickey,password
        Match User \(name(of: .plain, number))
            ForceCommand internal-sftp -P posix-rename,hardlink,fsync,statvfs,fstatvfs,limits

        """
    }

    /// Makes the users, starts the server, says its process ID, starts it again at each line of its input when it has
    /// ended, and takes all of it away at the end of the input.
    private static let caretaker = """
        base=$1 id=$2
        shift 2
        for name in "$@"; do
            useradd -o -M -N -u "$id" -d / -s /usr/sbin/nologin "$name" && printf '%s:%s\\n' "$name" "$PASSWORD"
        done 2>>"$base/log" | chpasswd 2>>"$base/log"
        serve() {
            /usr/sbin/sshd -D -e -f "$base/config" </dev/null 2>>"$base/log" >/dev/null &
            server=$!
            echo $server
        }
        # Not by waiting, for which a shell needs a signal that may be blocked here.
        let_end() {
            while grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$server/status"; do sleep 0.02; done
        }
        trap '' INT TERM HUP
        serve
        while read -r _; do
            let_end
            serve
        done
        exec >/dev/null
        kill $server 2>/dev/null
        let_end
        for name in "$@"; do userdel -f "$name"; done 2>/dev/null
        grep -o "$base[^ ]*" /proc/mounts | while read -r folder; do umount -l "$folder"; done
        rm -rf --one-file-system "$base"
        """
}

/// What a program prints.
@discardableResult
package func output(of program: String, _ arguments: [String]) throws -> String {
    let child = Process()
    let output = Pipe()
    child.executableURL = URL(filePath: program)
    child.arguments = arguments
    child.standardInput = FileHandle.nullDevice
    child.standardOutput = output
    try child.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    child.waitUntilExit()
    guard child.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    return String(decoding: data, as: UTF8.self)
}

/// All processes below one, the youngest first.
private func descendants(of parent: Int32) -> [Int32] {
    let path = "/proc/\(parent)/task/\(parent)/children"
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.split(separator: " ").compactMap { Int32($0) }.flatMap { descendants(of: $0) + [$0] }
}
