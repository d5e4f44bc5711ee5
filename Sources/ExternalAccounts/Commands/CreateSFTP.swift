// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Problems
import Storage
import Terminal

extension AccountsCommand {
    /// `tallystick accounts create sftp`.
    struct CreateSFTP: AsyncParsableCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "sftp",
                abstract: "An external account on an SFTP server.",
                discussion: """
                    The server's host key is pinned: without --host-key it is asked for, shown, and must be confirmed. \
                    Passwords and keys come from files, or from standard input with -, and are sealed.
                    """
            )
        }

        @OptionGroup var global: GlobalOptions
        @OptionGroup var chosen: SystemOption
        @OptionGroup var options: NewAccountOptions
        @Option(help: "The server's name or address.") var host: String
        @Option(help: "The port.") var port = 22
        @Option(help: "The user to sign in as.") var user: String
        @OptionGroup var secrets: SFTPSecretOptions
        @Option(help: "The folder on the server; without / at its beginning below the user's home.")
        var path: String
        @Option(help: "The fingerprint of the host key, SHA256:…; twice while the partner changes it.")
        var hostKey: [String] = []
        @OptionGroup var rules: AccountRuleOptions

        func run() async throws {
            let system = try System.open(global.directory, chosen.system)
            guard (1...65_535).contains(port) else {
                throw Problem(.accountRefused, "A port is 1 to 65535.", field: "port")
            }
            guard !user.isEmpty, !path.isEmpty else {
                throw Problem(.accountRefused, "User and path can't be empty.", field: "path")
            }
            guard SFTPAccount.isHost(host) else {
                throw Problem(
                    .accountRefused,
                    "A host is a name or an address alone.",
                    advice: "Give port, user and folder with --port, --user and --path.",
                    field: "host"
                )
            }
            let secrets = try secrets.applied(to: AccountSecrets())
            guard secrets.password != nil || secrets.privateKey != nil else {
                throw Problem(
                    .accountRefused,
                    "Nothing to sign in with.",
                    advice: "Give --password-file, --key-file or both.",
                    field: "password-file"
                )
            }
            let keys =
                try hostKey.isEmpty
                ? [await HostKeyConfirmation.ask(host, port: port)] : HostKeyConfirmation.checked(hostKey)
            let account = ExternalAccount(
                id: options.id,
                label: "",
                settings: .sftp(SFTPAccount(host: host, port: port, user: user, path: path, hostKeys: keys)),
                rules: try rules.applied(to: AccountRules(retentionDays: 15)),
                sealedSecrets: try secrets.sealed(for: options.id, system.sealer)
            )
            try AccountRegister.save(
                account,
                label: options.label,
                replacing: options.replace,
                system,
                global
            )
        }
    }
}

/// The options that give what signs in to an SFTP server.
struct SFTPSecretOptions: ParsableArguments {
    @Option(help: "A file that holds the password, - for standard input.") var passwordFile: String?
    @Option(help: "A file that holds the private key in OpenSSH format.") var keyFile: String?
    @Option(help: "A file that holds the private key's passphrase, - for standard input.")
    var passphraseFile: String?

    /// Puts what was given into secrets.
    ///
    /// - Parameter secrets: The secrets so far.
    /// - Returns: The secrets with what was given.
    /// - Throws: ``Problem`` of kind `secrets.file-unreadable` or `accounts.refused`.
    func applied(to secrets: AccountSecrets) throws -> AccountSecrets {
        var secrets = secrets
        if let passwordFile {
            secrets.password = try SecretFile.read(passwordFile, option: "password-file")
        }
        if let keyFile {
            let text = try SecretFile.read(keyFile, option: "key-file")
            guard text.hasPrefix("-----BEGIN ") else {
                throw Problem(
                    .accountRefused,
                    "The file of --key-file holds no private key in OpenSSH format.",
                    advice:
                        "Name the private key, not the .pub file; PuTTY keys are exported as OpenSSH keys.",
                    field: "key-file"
                )
            }
            secrets.privateKey = text + "\n"
            secrets.passphrase = nil
        }
        if let passphraseFile {
            secrets.passphrase = try SecretFile.read(passphraseFile, option: "passphrase-file")
        }
        return secrets
    }
}
