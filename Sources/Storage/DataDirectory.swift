// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems

/// The directory that holds everything one installation knows: databases, derived files, files on their way.
///
/// | path | holds |
/// |---|---|
/// | `campaign.db` | the database of the system Campaign |
/// | `people.db` | the database of the People service |
/// | `sealing.key` | the key that seals secrets, unless the environment gives it |
/// | `indexes/` | derived files, rebuilt from the database when missing or damaged |
/// | `lists/` | sorted lists of IDs and addresses that audiences and shares refer to |
/// | `rejected/` | rejected lines, one file per receipt |
/// | `spool/` | files on their way in and out |
package struct DataDirectory: Sendable {
    /// The directory's path.
    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// The systems that a data directory may hold.
    package enum System: String, Sendable, CaseIterable {
        case campaign
        case people

        /// The name for people.
        package var title: String {
            switch self {
            case .campaign: "Campaign"
            case .people: "the People service"
            }
        }

        /// The command that makes an installation of it.
        fileprivate var command: String {
            switch self {
            case .campaign: "tallystick init"
            case .people: "tallystick people init"
            }
        }
    }

    /// The database of a system.
    ///
    /// - Parameter system: The system.
    /// - Returns: The path of its file, whether it is there or not.
    package func database(of system: System) -> String { "\(path)/\(system.rawValue).db" }

    /// The database of the system Campaign.
    package var campaignDatabase: String { database(of: .campaign) }

    /// The file of the key that seals secrets.
    package var sealingKeyFile: String { path + "/sealing.key" }

    /// The file of the next key while secrets are being sealed anew.
    package var nextSealingKeyFile: String { path + "/sealing.key.next" }

    /// The directory of indexes.
    package var indexes: String { path + "/indexes" }

    /// The directory of sorted lists.
    package var lists: String { path + "/lists" }

    /// The directory of rejected lines.
    package var rejected: String { path + "/rejected" }

    /// The directory of files on their way.
    package var spool: String { path + "/spool" }

    /// Whether a system lives here.
    ///
    /// - Parameter system: The system.
    /// - Returns: Whether its database is there.
    package func holds(_ system: System) -> Bool {
        FileManager.default.fileExists(atPath: database(of: system))
    }

    /// Whether any system lives here.
    package var hasInstallation: Bool { System.allCases.contains(where: holds) }

    /// Makes the directory and its parts, readable by the owner alone.
    ///
    /// - Throws: ``Problem`` of kind `data.not-writable` when the file system refuses.
    package func create() throws {
        for directory in [path, indexes, lists, rejected, spool] {
            do {
                try FileManager.default.createDirectory(
                    atPath: directory,
                    withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700]
                )
            } catch {
                throw Problem(.dataNotWritable, "The data directory \(directory) can't be made.")
            }
        }
    }

    /// Checks that a system lives here and can be written.
    ///
    /// - Parameter system: The system.
    /// - Throws: ``Problem`` of kind `data.not-initialized` or `data.not-writable`.
    package func require(_ system: System) throws {
        guard holds(system) else {
            // Behind a closed door there may well be an installation: `init` would be the wrong advice.
            guard access(database(of: system), F_OK) == 0 || errno != EACCES else {
                throw Problem(.dataNotWritable, "The data directory \(path) can't be entered.")
            }
            throw Problem(
                .dataNotInitialized,
                "There is no Tallystick data of \(system.title) in \(path).",
                advice: "Run `\(system.command)`, or name another directory with --data or TALLYSTICK_DATA."
            )
        }
        try create()
        guard access(path, W_OK) == 0, access(spool, W_OK) == 0, !isOnReadOnlyFileSystem else {
            throw Problem(.dataNotWritable, "The data directory \(path) can't be written.")
        }
    }

    /// Root passes every permission check, so the mount's own flag is asked as well.
    private var isOnReadOnlyFileSystem: Bool {
        var information = statvfs()
        guard statvfs(path, &information) == 0 else { return false }
        return information.f_flag & UInt(ST_RDONLY) != 0
    }
}

extension ProblemKind {
    package static let dataNotInitialized = ProblemKind(
        "data.not-initialized",
        status: 409,
        meaning: "The data directory holds no installation.",
        advice: "Run `tallystick init`, or name another directory with --data or TALLYSTICK_DATA."
    )
    package static let dataNotWritable = ProblemKind(
        "data.not-writable",
        status: 507,
        meaning: "The data directory or a file in it can't be written.",
        advice:
            "Check the directory's owner, its permissions and whether the file system is mounted read-only."
    )
    package static let dataBusy = ProblemKind(
        "data.busy",
        status: 409,
        meaning: "Another Tallystick process is at work on the same data directory.",
        advice: "Wait until it ends, or stop it; nothing was changed."
    )
    package static let diskFull = ProblemKind(
        "data.disk-full",
        status: 507,
        meaning: "The disk is full.",
        advice: "Free some space and run the command again; nothing half-done was kept."
    )
}
