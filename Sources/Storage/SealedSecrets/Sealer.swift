// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Problems

/// Seals secrets for storage and opens them again: AES-256-GCM under the installation's sealing key.
///
/// The key comes from the environment (`TALLYSTICK_SEALING_KEY`, 64 hex digits) or from `sealing.key` in the
/// data directory (mode 0600). What a secret belongs to is authenticated with it, so that a sealed value can't
/// be moved to another row.
package struct Sealer: Sendable, CustomStringConvertible {
    /// The key that seals; all of the others may open as well.
    private let key: SymmetricKey
    private let others: [SymmetricKey]

    package var description: String { "•••" }

    /// The name of the environment variable that may hold the key.
    package static let environmentName = "TALLYSTICK_SEALING_KEY"

    /// Reads the sealing key of an installation; while a change of the key is not finished, the next one opens, too.
    ///
    /// - Parameters:
    ///   - directory: The data directory.
    ///   - environment: The process's environment.
    /// - Throws: ``Problem`` of kind `secrets.key-missing`, `secrets.key-exposed` or `secrets.key-malformed`.
    package init(
        _ directory: DataDirectory,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        if let text = environment[Self.environmentName] {
            self.init(key: try Self.parse(text, origin: "The environment variable \(Self.environmentName)"))
            return
        }
        let current = try Sealer(file: directory.sealingKeyFile)
        let next = directory.nextSealingKeyFile
        guard FileManager.default.fileExists(atPath: next) else {
            self = current
            return
        }
        self = current.opening(also: try Sealer(file: next))
    }

    /// Reads a sealing key from a file that its owner alone can read.
    ///
    /// - Parameter path: The file; it holds 64 hex digits.
    /// - Throws: ``Problem`` of kind `secrets.key-missing`, `secrets.key-exposed` or `secrets.key-malformed`.
    package init(file path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0, let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Problem(.sealingKeyMissing, "The sealing key \(path) can't be read.")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw Problem(.sealingKeyExposed, "Others can read the sealing key \(path).")
        }
        self.init(key: try Self.parse(text, origin: "The file \(path)"))
    }

    private init(key: SymmetricKey, others: [SymmetricKey] = []) {
        self.key = key
        self.others = others
    }

    /// A sealer that seals as this one does, and opens what another one sealed as well.
    ///
    /// - Parameter other: The other one.
    /// - Returns: The sealer of both.
    package func opening(also other: Sealer) -> Sealer {
        Sealer(key: key, others: others + [other.key] + other.others)
    }

    /// Makes a new sealing key in the data directory unless there is one or the environment gives it.
    ///
    /// - Parameters:
    ///   - directory: The data directory.
    ///   - world: The source of randomness.
    ///   - environment: The process's environment.
    /// - Throws: ``Problem`` of kind `data.not-writable`.
    package static func createKey(
        in directory: DataDirectory,
        world: World,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        let path = directory.sealingKeyFile
        guard environment[environmentName] == nil, !FileManager.default.fileExists(atPath: path) else {
            return
        }
        try createKey(at: path, world: world)
    }

    /// Makes a new sealing key in a new file of mode 0600, which stands there whole or not at all.
    ///
    /// - Parameters:
    ///   - path: The file; what stands there is replaced.
    ///   - world: The source of randomness.
    /// - Throws: ``Problem`` of kind `data.not-writable`.
    package static func createKey(at path: String, world: World) throws {
        let text = Array((world.randomHex(32) + "\n").utf8)
        let part = path + ".part"
        unlink(part)
        let file = Glibc.open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0, write(file, text, text.count) == text.count, fsync(file) == 0, close(file) == 0,
            rename(part, path) == 0
        else {
            let isFull = errno == ENOSPC || errno == EDQUOT
            if file >= 0 { unlink(part) }
            throw isFull
                ? Problem(.diskFull, "The disk is full; the sealing key \(path) was not written.")
                : Problem(.dataNotWritable, "The sealing key \(path) can't be written.")
        }
    }

    /// Whether the key comes from the environment rather than from the data directory.
    ///
    /// - Parameter environment: The process's environment.
    /// - Returns: `true` where the variable is set.
    package static func isGivenByEnvironment(
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Bool {
        environment[environmentName] != nil
    }

    /// Seals a secret.
    ///
    /// - Parameters:
    ///   - secret: The bytes to seal.
    ///   - owner: What the secret belongs to, like `shared-data-source/AMCDS2/key`.
    /// - Returns: Nonce, ciphertext and tag.
    /// - Throws: `CryptoKitError` when the cipher fails.
    package func seal(_ secret: [UInt8], for owner: String) throws -> Data {
        let box = try AES.GCM.seal(secret, using: key, authenticating: Data(owner.utf8))
        guard let combined = box.combined else { throw CryptoKitError.incorrectParameterSize }
        return combined
    }

    /// Opens a sealed secret.
    ///
    /// - Parameters:
    ///   - sealed: What ``seal(_:for:)`` returned.
    ///   - owner: What the secret belongs to.
    /// - Returns: The secret.
    /// - Throws: ``Problem`` of kind `secrets.unreadable` when the key or the owner is another one.
    package func open(_ sealed: Data, for owner: String) throws -> [UInt8] {
        for key in [key] + others {
            if let box = try? AES.GCM.SealedBox(combined: sealed),
                let secret = try? AES.GCM.open(box, using: key, authenticating: Data(owner.utf8))
            {
                return Array(secret)
            }
        }
        throw Problem(.secretUnreadable, "A secret of \(owner) was sealed with another key.")
    }

    private static func parse(_ text: String, origin: String) throws -> SymmetricKey {
        let digits = text.trimmingCharacters(in: .whitespacesAndNewlines).utf8.map { digit in
            Character(UnicodeScalar(digit)).hexDigitValue
        }
        guard digits.count == 64, !digits.contains(nil) else {
            throw Problem(.sealingKeyMalformed, "\(origin) doesn't hold 64 hex digits.")
        }
        let values = digits.compactMap(\.self)
        let bytes = stride(from: 0, to: 64, by: 2).map { index in
            UInt8(values[index] << 4 | values[index + 1])
        }
        return SymmetricKey(data: bytes)
    }
}

extension ProblemKind {
    package static let sealingKeyMissing = ProblemKind(
        "secrets.key-missing",
        status: 500,
        meaning: "The key that seals secrets can't be found.",
        advice: "Put `sealing.key` back into the data directory, or set TALLYSTICK_SEALING_KEY."
    )
    package static let sealingKeyExposed = ProblemKind(
        "secrets.key-exposed",
        status: 500,
        meaning: "Other users of the machine can read the key that seals secrets.",
        advice: "Run `chmod 600` on the key file, and change the secrets if somebody may have read it."
    )
    package static let sealingKeyMalformed = ProblemKind(
        "secrets.key-malformed",
        status: 500,
        meaning: "The key that seals secrets isn't 64 hex digits.",
        advice: "Restore the key from a backup; sealed secrets can't be opened with another one."
    )
    package static let sealingKeyElsewhere = ProblemKind(
        "secrets.key-elsewhere",
        status: 409,
        meaning: "The sealing key comes from the environment, where the program can't replace it.",
        advice: "Give the new key with --new-key-file, and set TALLYSTICK_SEALING_KEY to it afterwards."
    )
    package static let secretUnreadable = ProblemKind(
        "secrets.unreadable",
        status: 500,
        meaning: "A sealed secret can't be opened with this installation's key.",
        advice: "Restore the sealing key that belongs to this data directory from a backup."
    )
}
