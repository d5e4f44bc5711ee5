// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Campaign
import ExternalAccounts
import Foundation
import Problems
import Provisioning
import Storage
import Transfer

/// The browsers of synthetic people: their visitor IDs, and the ID-sync file that makes a People service know them.
///
/// A real browser brings its IDs to the visitor ID service; lines of IDs that nobody has met are not taken. The IDs are
/// the same in each test of a request, and begin with more zeros than any real one.
struct SyntheticVisitors {
    /// The data source of device IDs, which stands first in an ID-sync file (Audience Manager: AAM UUID).
    private static let deviceIDs = 0

    private let setUp: RequestReport.Visitors
    private let request: Int
    private let count: Int

    /// The browsers of a test.
    ///
    /// - Parameters:
    ///   - request: The request, `PR` and twelve hex digits.
    ///   - setUp: What the request set up.
    ///   - count: How many there are.
    init(_ request: String, _ setUp: RequestReport.Visitors, count: Int) {
        self.request = Int(request.dropFirst(2), radix: 16) ?? 0
        self.setUp = setUp
        self.count = count
    }

    /// The visitor IDs that the profiles with these external IDs get, as a file of links.
    func links(_ externalIDs: [String]) -> String {
        let rows = zip(1...count, externalIDs).map { "\(id($0, kind: 4)),\($1)\n" }
        return "visitorId,externalId\n" + rows.joined()
    }

    /// Writes the ID-sync file and leaves it in the account that files go to.
    ///
    /// - Parameter program: Campaign's data directory.
    /// - Returns: The file's name, without its folder.
    /// - Throws: ``Problem`` of kind `provisioning.test-failed`, or of an account.
    func publish(from program: Program) async throws -> String {
        let campaign = try Campaign(DataDirectory(path: program.data))
        let account = try campaign.read { try ExternalAccountStore().find(setUp.exportAccount, in: $0) }
        let time = campaign.world.milliseconds
        let name = IDSyncFileName(
            dataSources: [Self.deviceIDs, setUp.number],
            timestamp: time / 1_000,
            isGzip: true
        )
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tallystick-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let writer = IDSyncWriter(folder: folder, name: name)
        for number in 1...count {
            try writer.append([id(number, kind: Self.deviceIDs), id(number, kind: 4)])
        }
        _ = try writer.finish()
        let day = Date(timeIntervalSince1970: Double(time) / 1_000).formatted(.iso8601).prefix(10)
        let transport = try campaign.transport(to: account)
        do throws(TransferError) {
            _ = try await transport.publish(
                .file("\(folder)/\(name)"),
                as: RemotePath(account.typeName == "s3" ? "date=\(day)/\(name)" : "\(name)"),
                expecting: Fingerprint(ofLocalFile: "\(folder)/\(name)")
            )
        } catch {
            throw error.problem(of: account.id)
        }
        return "\(name)"
    }

    /// A visitor ID: 19 zeros, the kind of ID, the number of the request, and a number from 1.
    private func id(_ number: Int, kind: Int) -> String {
        let digits = "\(kind)" + Self.padded(request, to: 15) + Self.padded(number, to: 3)
        return String(repeating: "0", count: 19) + digits
    }

    private static func padded(_ number: Int, to count: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, count - digits.count)) + digits
    }
}
