// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Campaign
import Logging
import PeopleService
import ServiceLifecycle
import Storage
import Terminal
import UnixSignals
import Web

/// `tallystick serve`: the roles that this machine plays, as one process that stays.
///
/// Here and not in a system, because a system never imports another one.
struct ServeCommand: AsyncParsableCommand {
    /// What a server can be.
    enum Role: String, CaseIterable, Encodable {
        /// The People service: its HTTP API, and its exchange of files.
        case people
    }

    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Answer the HTTP API and exchange files until told to stop.",
        discussion: """
            Stops cleanly on SIGTERM or Ctrl-C: requests and runs at work are finished first. A second server on the \
            same data directory says so and leaves. Programs need a token: tallystick people tokens create --name NAME. \
            GET /health tells whether it is up, without a token.
            """
    )

    @OptionGroup var global: GlobalOptions
    @Option(help: "What to serve, joined by commas; there is people.", transform: Self.roles)
    var roles: [Role] = [.people]
    @Option(help: "The address to listen on, HOST:PORT; port 0 takes any free one.")
    var listen = "127.0.0.1:8081"
    @Flag(help: "Only answer the API; files are exchanged by another process, or not at all.")
    var apiOnly = false
    @OptionGroup var settling: SettlingOptions

    func run() async throws {
        let address = try ListenAddress(listen)
        let service = try PeopleService(global.directory)
        let lock = try DirectoryLock(global.directory, .serve)
        defer { withExtendedLifetime(lock) {} }
        let (global, roles) = (global, roles)
        let server = WebServer(
            PeopleRoutes(service, explaining: CampaignErrors.explain).router(),
            on: address,
            logger: service.logger
        ) { address in
            try? global.show(ServeReport(listening: "http://\(address)", roles: roles))
        }
        var services: [any Service] = [server]
        if !apiOnly {
            let sync = try PeopleSync(service, settling.settling)
            let watch = PeopleWatch(service, sync) { try global.show($0) }
            // Files are read and written by calls that block; requests don't wait for their threads.
            services.insert(ThreadedService(watch, threadCount: 4), at: 0)
        }
        // When one part fails, the others finish what they are at, and the failure is told then.
        let parts = services.map { part in
            ServiceGroupConfiguration.ServiceConfiguration(
                service: part,
                failureTerminationBehavior: .gracefullyShutdownGroup
            )
        }
        var configuration = ServiceGroupConfiguration(services: parts, logger: service.logger)
        configuration.gracefulShutdownSignals = [.sigterm, .sigint]
        try await ServiceGroup(configuration: configuration).run()
    }

    private static func roles(_ text: String) throws -> [Role] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { name in
            guard let role = Role(rawValue: String(name)) else {
                let names = Role.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--roles takes \(names), joined by commas.")
            }
            return role
        }
    }
}

/// Where a server listens.
private struct ServeReport: Report {
    let listening: String
    let roles: [ServeCommand.Role]

    var text: String { "listening on \(listening) (\(roles.map(\.rawValue).joined(separator: ", ")))" }
}
