// SPDX-License-Identifier: Apache-2.0

/// A step of the demo.
enum DemoStep {
    /// A heading.
    case title(String)
    /// A command as a person types it.
    case command([String])
    /// The other side leaves files in the inbox.
    case deliver([String])

    private static let segment = "10603117"

    /// All steps.
    ///
    /// - Parameters:
    ///   - files: The directory with the demo's files.
    ///   - directory: The directory to work in.
    /// - Returns: The steps in their order.
    static func all(files: String, directory: String) -> [DemoStep] {
        setUp(files: files, directory: directory) + definitions(files: files) + imports(files: files)
            + exports
    }

    private static func setUp(files: String, directory: String) -> [DemoStep] {
        [
            .title("A customer database, and two folders shared with an audience hub"),
            .command(["init"]),
            .command(["profiles", "load", "\(files)/profiles.csv", "--key", "externalId"]),
            .command(["profiles", "load", "\(files)/profiles-bad.csv", "--key", "externalId"]),
            .command(["profiles", "link-visitors", "\(files)/visitors.csv", "--key", "email"]),
            .command([
                "accounts", "create", "folder", "--id", "importSharedAudience", "--path",
                "\(directory)/inbox",
            ]),
            .command([
                "accounts", "create", "folder", "--id", "exportSharedAudience", "--path",
                "\(directory)/outbox",
            ]),
            .command(["accounts", "check", "importSharedAudience"]),
        ]
    }

    private static func definitions(files: String) -> [DemoStep] {
        [
            .title("Three ways to know the same people: visitor IDs, hashed and encrypted addresses"),
            .command([
                "data-sources", "edit", "defaultDataSource", "--destination", "46389", "--accept-terms",
            ]),
            .command([
                "data-sources", "create", "--id", "hashedEmail", "--label", "Hashed email", "--number",
                "14017",
                "--integration-code", "AdobeCampaignID", "--destination", "46390", "--mode", "declared",
                "--key",
                "email", "--normalize", "trim,lower", "--hash", "sha256", "--accept-terms",
            ]),
            .command([
                "data-sources", "create", "--id", "encryptedEmail", "--label", "Encrypted email", "--number",
                "14018", "--destination", "46391", "--mode", "declared", "--key", "email", "--normalize",
                "trim,lower", "--cipher", "aes-256-cbc", "--key-file", "\(files)/keys/email.key.hex",
                "--iv-file",
                "\(files)/keys/email.iv.hex", "--channel", "email", "--accept-terms",
            ]),
            .command(define("Spring visitors", "defaultDataSource")),
            .command(define("Spring customers", "hashedEmail")),
            .command(define("Spring addresses", "encryptedEmail")),
            .command(define("Spring customers by address", "encryptedEmail") + ["--force-reconciliation"]),
        ]
    }

    private static func imports(files: String) -> [DemoStep] {
        [
            .title("Segments come in: what would match, then the imports with their receipts"),
            .command([
                "audiences", "preview", "--segment", segment, "--data-source", "hashedEmail", "--file",
                "\(files)/inbound/s3_46390_14017_full_1486140844000.sync.gz",
            ]),
            .deliver([
                "s3_46389_14016_full_1486140844000.sync", "s3_46391_14018_full_1486140844000.sync",
                "s3_46390_14017_full_1486140844000.sync.gz", "s3_46390_14017_full_1486140844000001.sync.gz",
                "s3_46390_14017_full_1486140844000.info",
            ]),
            .command(["sync"]),
            .title("The missing part arrives, and the changes of the next day"),
            .deliver([
                "s3_46390_14017_full_1486140844000002.sync.gz", "s3_46390_14017_iter_1486227244000.sync",
            ]),
            .command(["sync"]),
            .command(["receipts", "rejected", "R1", "--limit", "3"]),
            .command(["audiences", "list"]),
        ]
    }

    private static var exports: [DemoStep] {
        [
            .title("Audiences go out: a query and a combination become segments of the hub"),
            .command([
                "audiences", "query", "--label", "French customers", "--where",
                "country = \"FR\" and birthDate < 1990-01-01",
            ]),
            .command([
                "audiences", "combine", "exclusion", "Spring customers", "Spring visitors", "--label",
                "Customers who did not visit",
            ]),
            .command([
                "audiences", "share", "French customers", "--segment-name", "French customers",
                "--data-source",
                "hashedEmail", "--dry-run",
            ]),
            .command([
                "audiences", "share", "French customers", "--segment-name", "French customers",
                "--data-source",
                "hashedEmail",
            ]),
            .command([
                "audiences", "share", "Customers who did not visit", "--segment", "10603200", "--data-source",
                "defaultDataSource", "--replace",
            ]),
            .command(["sync"]),
            .command(["receipts", "list"]),
            .command(["check"]),
        ]
    }

    private static func define(_ label: String, _ source: String) -> [String] {
        ["audiences", "define", "--label", label, "--segment", segment, "--data-source", source]
    }
}
