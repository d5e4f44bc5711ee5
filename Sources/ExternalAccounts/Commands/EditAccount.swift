// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Problems
import Storage
import Terminal

extension AccountsCommand {
    /// `tallystick accounts edit`: what may change without entering everything again.
    struct Edit: AsyncParsableCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                abstract: "Change an external account: its label, its secrets, its host keys, its rules.",
                discussion: """
                    --host-key replaces the confirmed host keys. While the partner changes its key, give the old and \
                    the new one; afterwards the new one alone.
                    """
            )
        }

        @OptionGroup var global: GlobalOptions
        @OptionGroup var chosen: SystemOption
        @Argument(help: "The external account.") var id: String
        @Option(help: "The name for people.") var label: String?
        @Option(help: "The fingerprint of the host key, SHA256:…; twice while the partner changes it.")
        var hostKey: [String] = []
        @OptionGroup var secrets: SFTPSecretOptions
        @Option(help: "The access key ID of S3.") var accessKeyId: String?
        @Option(help: "A file that holds the secret access key of S3, - for standard input.")
        var secretFile: String?
        @Option(
            help:
                "A file of certificates (PEM) whose authorities S3 trusts besides the system's; '' for none."
        )
        var caFile: String?
        @OptionGroup var rules: AccountRuleOptions

        func run() async throws {
            let host = try System.open(global.directory, chosen.system)
            let account = try host.read { try ExternalAccountStore().find(id, in: $0) }
            guard account.settings != .unconfigured else {
                throw Problem(.accountUnconfigured, "The external account \(id) is not configured.")
            }
            let edited = ExternalAccount(
                id: id,
                label: label ?? account.label,
                settings: try settings(of: account),
                rules: try rules.applied(to: account.rules),
                sealedSecrets: try sealedSecrets(of: account, host),
                isEnabled: account.isEnabled
            )
            let warnings = try host.write { database in
                try ExternalAccountStore().save(edited, isReplacing: true, in: database)
                return try host.warnings(about: edited, in: database)
            }
            try global.show(AccountReport(edited, warnings: warnings))
        }

        private func settings(of account: ExternalAccount) throws -> ExternalAccount.Settings {
            switch account.settings {
            case .sftp(var server) where accessKeyId == nil && caFile == nil:
                if !hostKey.isEmpty { server.hostKeys = try HostKeyConfirmation.checked(hostKey) }
                return .sftp(server)
            case .s3(var bucket) where hostKey.isEmpty:
                if let accessKeyId { bucket.accessKeyID = accessKeyId }
                if let caFile {
                    bucket.authorities =
                        caFile.isEmpty ? nil : try SecretFile.read(caFile, option: "ca-file")
                }
                try bucket.check()
                return .s3(bucket)
            case .folder, .unconfigured, .sftp, .s3:
                let others = [
                    hostKey.isEmpty ? nil : "host-key", accessKeyId.map { _ in "access-key-id" },
                    caFile.map { _ in "ca-file" },
                ]
                guard let field = others.compactMap(\.self).first else { return account.settings }
                throw Problem(
                    .accountRefused,
                    "An account of the type \(account.typeName) has no such setting.",
                    field: field
                )
            }
        }

        private func sealedSecrets(of account: ExternalAccount, _ host: any AccountHost) throws -> Data? {
            var secrets = try secrets.applied(to: try account.secrets(host.sealer))
            if let secretFile {
                secrets.secretAccessKey = try SecretFile.read(secretFile, option: "secret-file")
            }
            guard secrets != AccountSecrets() else { return nil }
            return try secrets.sealed(for: account.id, host.sealer)
        }
    }
}
