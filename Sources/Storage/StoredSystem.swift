// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Problems

/// A system with a database of its own in a data directory, as it is opened: what its features stand on.
package protocol StoredSystem: Sendable {
    /// Which system it is.
    static var system: DataDirectory.System { get }

    /// Where everything is kept.
    var directory: DataDirectory { get }

    /// The system's database.
    var database: DatabasePool { get }

    /// Opens and seals secrets.
    var sealer: Sealer { get }

    /// Time and randomness.
    var world: World { get }
}

extension StoredSystem {
    /// The file of the system's database.
    package var databaseFile: String { directory.database(of: Self.system) }

    /// Does a change of the database in one transaction and turns database errors into problems.
    ///
    /// - Parameter change: The change.
    /// - Returns: What the change returns.
    /// - Throws: What the change throws; of the database's errors those that a person can put right as ``Problem``.
    package func write<Value>(_ change: (Database) throws -> Value) throws -> Value {
        do {
            return try database.write(change)
        } catch {
            throw SystemDatabase.problem(error, about: databaseFile)
        }
    }

    /// Reads one consistent state of the database and turns database errors into problems.
    ///
    /// - Parameter work: What to read.
    /// - Returns: What was read.
    /// - Throws: What the work throws; of the database's errors those that a person can put right as ``Problem``.
    package func read<Value>(_ work: (Database) throws -> Value) throws -> Value {
        do {
            return try database.read(work)
        } catch {
            throw SystemDatabase.problem(error, about: databaseFile)
        }
    }

    /// Waits for other changes of this data directory to end, and holds off later ones until released.
    ///
    /// - Returns: The lock; it ends with its last reference.
    package func lockForChange() throws -> DirectoryLock {
        try DirectoryLock(directory, .change, patience: .seconds(600))
    }

    /// A secret that has a name of its own.
    ///
    /// - Parameter name: Its name.
    /// - Returns: The secret.
    /// - Throws: ``Problem`` of kind `database.damaged` when it is missing, or `secrets.unreadable`.
    package func secret(named name: String) throws -> [UInt8] {
        let sealed = try read { try NamedSecrets.sealed(name, in: $0) }
        guard let sealed else { throw Problem(.databaseDamaged, "\(databaseFile) lacks the secret \(name).") }
        return try sealer.open(sealed, for: name)
    }

    /// Makes a secret of random bytes unless it is there.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - byteCount: Its length.
    ///   - database: The database, in a transaction.
    /// - Throws: What the database or the cipher answers.
    package func makeSecret(named name: String, byteCount: Int, in database: Database) throws {
        guard try NamedSecrets.sealed(name, in: database) == nil else { return }
        try database.execute(
            sql: "INSERT INTO secrets (name, sealed) VALUES (?, ?)",
            arguments: [name, try sealer.seal(world.randomBytes(byteCount), for: name)]
        )
    }
}
