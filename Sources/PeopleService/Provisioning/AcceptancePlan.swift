// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Problems
import Provisioning
import Storage
import Terminal

/// What a person says when accepting a request.
package struct AcceptanceOptions: Sendable {
    /// The directory in which folders are made for the exchange.
    package var storage: String?
    /// Accounts that are there already, instead of folders.
    package var inboundAccount: String?
    package var outboundAccount: String?
    /// The numbers of the data sources; the next free ones from 14016 on, unless said.
    package var visitorNumber: Int?
    package var declaredNumber: Int?
    /// What the destinations write.
    package var mode: Destination.Mode?
    /// For how many days the answer is good, 1 to 90.
    package var expiresDays = 7
    /// Where the other side reaches the API; no token is made without it.
    package var apiURL: String?

    package init() {}
}

/// What accepting a request makes, before it is made.
struct AcceptancePlan: Sendable {
    /// Whether a part is there already or will be made.
    struct Source: Sendable {
        var source: Provisioned.Source
        let isThere: Bool
    }

    /// The first number that is given to a data source (domain 3.1: Adobe Campaign (14016)).
    private static let firstNumber = 14_016

    let request: ProvisioningRequest
    /// What was made before; with state `accepted` nothing is made again.
    let known: Provisioned?
    var sources: [Source]
    let inboundAccount: String
    let outboundAccount: String
    let storage: String?
    let mode: Destination.Mode

    /// Whether everything is there already and only a fresh answer is given.
    var isRepetition: Bool { known?.state == .accepted }

    /// Plans what to make.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - options: What the person said.
    ///   - service: The installation.
    ///   - database: The database.
    /// - Throws: ``Problem`` of kind `provisioning.conflict`, `people.data-source-refused` or `accounts.…`.
    init(
        _ request: ProvisioningRequest,
        _ options: AcceptanceOptions,
        _ service: PeopleService,
        in database: Database
    ) throws {
        let organization = try String.fetchOne(database, sql: "SELECT id FROM organization") ?? ""
        guard organization == request.organizationID else {
            throw Problem(
                .provisioningConflict,
                "The request is of the organization \(request.organizationID); this People service is of \(organization).",
                advice:
                    "Hand it to the People service of that organization, or have it written with the right --organization."
            )
        }
        try Self.confirmAddress(options.apiURL)
        self.request = request
        known = try ProvisioningStore().find(request.request, in: database)
        if let known {
            guard known.request == request else {
                throw Problem(
                    .provisioningConflict,
                    "\(request.request) was accepted with another text: the request was altered.",
                    advice: "Ask for the text again and compare the fingerprints on both sides."
                )
            }
        }
        let kept = known.map(\.sources) ?? []
        sources = []
        for kind in [ProvisioningRequest.IDKind.visitor, .declared] where request.ids.contains(kind) {
            let number = kind == .visitor ? options.visitorNumber : options.declaredNumber
            sources.append(try Self.source(kind, number, kept, sources.map(\.source.number), in: database))
        }
        if let known, known.state == .accepted {
            inboundAccount = known.inboundAccount
            outboundAccount = known.outboundAccount
            storage = known.storage
            mode = known.mode
            try confirmSame(known, options)
            return
        }
        mode = options.mode ?? .full
        switch (options.storage, options.inboundAccount, options.outboundAccount) {
        case (let directory?, nil, nil):
            storage = try Self.folder(directory, request, service)
            inboundAccount = "\(request.request)-inbound"
            outboundAccount = "\(request.request)-outbound"
        case (nil, let inbound?, let outbound?):
            storage = nil
            inboundAccount = inbound
            outboundAccount = outbound
            try Self.confirm(inbound, outbound, in: database)
        default:
            throw Problem(
                .wrongUsage,
                "Say where files are exchanged: --storage DIR, or --inbound-account ID and --outbound-account ID.",
                field: "storage"
            )
        }
    }

    /// Refuses an address at which everybody on the way could read the token.
    private static func confirmAddress(_ url: String?) throws {
        guard let url else { return }
        let parts = URLComponents(string: url)
        let host = parts?.host ?? ""
        let isHere = host == "localhost" || host == "::1" || host == "[::1]" || host.hasPrefix("127.")
        guard !host.isEmpty, parts?.scheme == "https" || (parts?.scheme == "http" && isHere) else {
            throw Problem(
                .wrongUsage,
                "--api-url takes https://HOST[:PORT], or http:// for this machine only.",
                field: "api-url"
            )
        }
    }

    private static func source(
        _ kind: ProvisioningRequest.IDKind,
        _ wanted: Int?,
        _ kept: [Provisioned.Source],
        _ taken: [Int],
        in database: Database
    ) throws -> Source {
        if let source = kept.first(where: { $0.kind == kind }),
            try isTaken("number", source.number, in: database)
        {
            guard wanted == nil || wanted == source.number else {
                throw conflict(
                    "The \(kind.rawValue) IDs of this request are data source \(source.number) already."
                )
            }
            return Source(source: source, isThere: true)
        }
        var number = wanted ?? firstNumber
        if wanted == nil {
            while try taken.contains(number) || isTaken("number", number, in: database) { number += 1 }
        } else if try taken.contains(number) || isTaken("number", number, in: database) {
            throw Problem(
                .provisioningConflict,
                "There is a data source \(number) already.",
                advice: "Name a free number, or leave it out for the next free one.",
                field: kind == .visitor ? "mid-number" : "declared-number"
            )
        }
        var name = kind == .visitor ? "Adobe Campaign (MID)" : "Adobe Campaign (DeclaredId)"
        if try isTaken("name", name, in: database) { name += " \(number)" }
        var code = kind == .visitor ? "AdobeCampaignMID" : "AdobeCampaignID"
        if try isTaken("integration_code", code, in: database) { code += "-\(number)" }
        return Source(
            source: Provisioned.Source(kind: kind, number: number, name: name, integrationCode: code),
            isThere: false
        )
    }

    private static func isTaken(
        _ column: String,
        _ value: some DatabaseValueConvertible,
        in database: Database
    ) throws
        -> Bool
    {
        try Bool.fetchOne(
            database,
            sql: "SELECT EXISTS (SELECT 1 FROM data_sources WHERE \(column) = ?)",
            arguments: [value]
        ) ?? false
    }

    private static func folder(
        _ directory: String,
        _ request: ProvisioningRequest,
        _ service: PeopleService
    ) throws -> String {
        let path = URL(fileURLWithPath: directory).standardizedFileURL.resolvingSymlinksInPath().path
        let data = URL(fileURLWithPath: service.directory.path).resolvingSymlinksInPath().path
        guard !directory.isEmpty, path != data, !path.hasPrefix(data + "/") else {
            throw Problem(
                .accountRefused,
                "\(path) is in the data directory, which is the program's own.",
                advice: "Name a directory that you share with the other side.",
                field: "storage"
            )
        }
        return "\(path)/\(request.request)"
    }

    private static func confirm(_ inbound: String, _ outbound: String, in database: Database) throws {
        for id in [inbound, outbound] {
            let account = try ExternalAccountStore().find(id, in: database)
            guard account.settings != .unconfigured, account.isEnabled else {
                throw Problem(.accountDisabled, "The external account \(id) is not in use.")
            }
            if id == outbound { try account.requireWriting() }
        }
    }

    private func confirmSame(_ known: Provisioned, _ options: AcceptanceOptions) throws {
        let folder = options.storage.map {
            URL(fileURLWithPath: $0).standardizedFileURL.resolvingSymlinksInPath().path + "/"
                + request.request
        }
        let isSame =
            (folder == nil || folder == known.storage)
            && (options.inboundAccount ?? known.inboundAccount) == known.inboundAccount
            && (options.outboundAccount ?? known.outboundAccount) == known.outboundAccount
            && (options.mode ?? known.mode) == known.mode
        guard isSame else { throw Self.conflict("\(request.request) was accepted with other settings.") }
    }

    private static func conflict(_ summary: String) -> Problem {
        Problem(
            .provisioningConflict,
            summary,
            advice:
                "Leave the options out to get the same again, or run `tallystick provision revoke` before."
        )
    }
}
