// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Problems
import Storage
import Terminal
import Transfer

extension AccountsCommand {
    /// `tallystick accounts create s3`.
    struct CreateS3: AsyncParsableCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "s3",
                abstract:
                    "An external account in a bucket of Amazon S3, or of a server that speaks its protocol."
            )
        }

        @OptionGroup var global: GlobalOptions
        @OptionGroup var chosen: SystemOption
        @OptionGroup var options: NewAccountOptions
        @Option(help: "BUCKET.s3.amazonaws.com/PATH, without the region.") var receiverServer: String
        @Option(help: "The access key ID.") var accessKeyId: String
        @Option(help: "A file that holds the secret access key, - for standard input.") var secretFile: String
        @Option(help: "The region, for example us-east-2.") var region: String
        @Flag(help: "Have the storage encrypt files at rest (SSE-S3).") var encrypted = false
        @Option(help: "The address of an S3-compatible server, https://HOST[:PORT].") var endpoint: String?
        @Flag(
            help: "Accept an http:// endpoint on another machine, where everybody on the way can read along."
        )
        var allowHttp = false
        @Option(help: "A file of certificates (PEM) whose authorities are trusted besides the system's.")
        var caFile: String?
        @Flag(help: "The bucket belongs to somebody else: give its owner full control of our files.")
        var foreignBucket = false
        @OptionGroup var rules: AccountRuleOptions

        func run() async throws {
            let host = try System.open(global.directory, chosen.system)
            let settings = S3Account(
                receiverServer: receiverServer,
                accessKeyID: accessKeyId,
                region: region,
                isEncrypted: encrypted,
                endpoint: endpoint,
                isForeign: foreignBucket,
                authorities: try caFile.map { try SecretFile.read($0, option: "ca-file") }
            )
            try settings.check()
            if !allowHttp { try settings.requireEncryption() }
            let secrets = AccountSecrets(
                secretAccessKey: try SecretFile.read(secretFile, option: "secret-file")
            )
            let account = ExternalAccount(
                id: options.id,
                label: "",
                settings: .s3(settings),
                rules: try rules.applied(to: AccountRules()),
                sealedSecrets: try secrets.sealed(for: options.id, host.sealer)
            )
            try AccountRegister.save(
                account,
                label: options.label,
                replacing: options.replace,
                host,
                global
            )
        }
    }
}
