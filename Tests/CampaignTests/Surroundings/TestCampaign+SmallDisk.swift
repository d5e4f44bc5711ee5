// SPDX-License-Identifier: Apache-2.0

import Foundation
import Storage
import Surroundings
import Testing

@testable import Campaign

extension TestCampaign {
    /// Puts a copy of the data directory on a small disk, which the program sees in the directory's place.
    ///
    /// Cancels the test with the reason where the system does not let us mount one.
    func dataOnSmallDisk() throws -> SmallDisk {
        let disk = try smallDisk(at: data.path)
        try Self.copy(data.path, into: disk.path)
        return disk
    }

    /// A small disk that the program sees in the place of a folder.
    func smallDisk(at folder: String) throws -> SmallDisk {
        guard let disk = try SmallDisk.mounted(at: folder, options: "size=64m,mode=700") else {
            try Test.cancel("this system does not let tests mount a small disk")
        }
        return disk
    }

    /// The installation whose data directory is on a disk, in a copy to look at.
    static func copy(of disk: SmallDisk) throws -> TestCampaign {
        try TestCampaign { directory, world in
            try FileManager.default.createDirectory(
                atPath: directory.path,
                withIntermediateDirectories: true
            )
            try copy(disk.path, into: directory.path)
            return try Campaign(directory, world: world)
        }
    }

    private static func copy(_ folder: String, into other: String) throws {
        // What belongs to processes that have the database open is no part of it.
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where !name.hasSuffix("-shm")
        {
            try FileManager.default.copyItem(atPath: "\(folder)/\(name)", toPath: "\(other)/\(name)")
        }
    }
}
