// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Provisioning
import Storage

/// Writes requests to a People service, shows them and takes them back.
package struct Requests {
    private let campaign: Campaign

    package init(_ campaign: Campaign) {
        self.campaign = campaign
    }

    /// Writes a request and keeps its key.
    ///
    /// - Parameters:
    ///   - organizationName: The organization's name.
    ///   - organizationID: The organization's ID.
    ///   - environment: For example `Production`.
    ///   - product: What is used on the other side.
    ///   - ids: Under which IDs audiences are exchanged.
    ///   - additionalInformation: Anything else.
    /// - Returns: The request.
    /// - Throws: ``Problem`` of kind `provisioning.request-refused`.
    package func write(
        organizationName: String,
        organizationID: String,
        environment: String,
        product: ProvisioningRequest.Product,
        ids: [ProvisioningRequest.IDKind],
        additionalInformation: String
    ) throws -> ProvisioningRequest {
        let key = ProvisioningKey()
        let request = try ProvisioningRequest(
            organizationName: organizationName,
            organizationID: organizationID,
            environment: environment,
            product: product,
            ids: ids,
            additionalInformation: additionalInformation,
            key: key,
            campaign.world
        )
        try campaign.write { database in
            try WrittenRequestStore()
                .insert(WrittenRequest(request: request, state: .open), key, campaign.sealer, in: database)
        }
        return request
    }

    /// A request that was written here.
    ///
    /// - Throws: ``Problem`` of kind `provisioning.unknown`.
    package func find(_ id: String) throws -> ProvisioningRequest {
        try campaign.read { try WrittenRequestStore().find(id, in: $0) }.request
    }

    /// Takes a request back: its key is forgotten, so that no answer opens any more.
    ///
    /// - Parameter id: The request.
    /// - Throws: ``Problem`` of kind `provisioning.unknown`, or `provisioning.conflict` for a completed one.
    package func withdraw(_ id: String) throws {
        try campaign.write { database in
            var written = try WrittenRequestStore().find(id, in: database)
            guard written.state != .completed else {
                throw Problem(
                    .provisioningConflict,
                    "\(id) is completed, and in use.",
                    advice: "Run `tallystick provision undo \(id)` before."
                )
            }
            written.state = .withdrawn
            try WrittenRequestStore()
                .update(written, at: campaign.world.milliseconds, in: database)
        }
    }

    /// All requests as commands show them, the newest first.
    package func list() throws -> [RequestReport] {
        try campaign.read { database in
            let visitor = try SharedDataSourceStore(campaign).find(SharedDataSource.defaultID, in: database)
            return try WrittenRequestStore().list(in: database).map { written in
                try RequestReport(written, declared: declared(of: written, in: database), visitor: visitor)
            }
        }
    }

    /// The data source of declared IDs that a request set up, if it is still there.
    private func declared(of written: WrittenRequest, in database: Database) throws -> SharedDataSource? {
        guard let id = written.completion?.declared else { return nil }
        return try? SharedDataSourceStore(campaign).find(SharedDataSource.ID(id), in: database)
    }
}
