// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// Settings of every target: Swift 6 mode with the upcoming features that make dependencies and isolation explicit.
let houseSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// Leaf libraries could be packages of their own, so their imports stay internal unless said otherwise.
let leafSettings = houseSettings + [.enableUpcomingFeature("InternalImportsByDefault")]

let package = Package(
    name: "tallystick",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "tallystick", targets: ["tallystick"])],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The executable: the list of commands.
        .executableTarget(
            name: "tallystick",
            dependencies: [
                "AudienceFiles", "Campaign", "ExternalAccounts", "PeopleService", "Problems", "Provisioning",
                "Storage", "Terminal", "Transfer", "Web",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: houseSettings
        ),

        // Systems.
        .target(
            name: "Campaign",
            dependencies: [
                "AudienceFiles", "Conditions", "ExternalAccounts", "Matching", "Problems", "Provisioning",
                "Storage", "Terminal", "Transfer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: houseSettings
        ),

        .target(
            name: "PeopleService",
            dependencies: [
                "AudienceFiles", "CPCRE2", "Conditions", "ExternalAccounts", "Matching", "Problems",
                "Provisioning", "Storage", "Terminal", "Transfer", "Web",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: houseSettings
        ),

        // Foundations.
        .target(
            name: "ExternalAccounts",
            dependencies: [
                "AudienceFiles", "Problems", "Storage", "Terminal", "Transfer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: houseSettings
        ),
        .target(
            name: "Provisioning",
            dependencies: [
                "ExternalAccounts", "Problems", "Storage", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: houseSettings
        ),
        .target(
            name: "Storage",
            dependencies: [
                "CMalloc", "Problems",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: houseSettings
        ),
        .target(
            name: "Terminal",
            dependencies: [
                "Problems", "Storage",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: houseSettings
        ),
        .target(
            name: "Web",
            dependencies: [
                "Problems", "Storage", "Terminal",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: houseSettings
        ),
        .target(name: "Problems", swiftSettings: houseSettings),

        // Leaf libraries.
        .target(name: "Conditions", swiftSettings: leafSettings),
        .target(
            name: "Matching",
            dependencies: ["COpenSSL", "CRoaring"],
            swiftSettings: leafSettings
        ),
        .target(
            name: "AudienceFiles",
            dependencies: ["CIsal", "COpenSSL"],
            swiftSettings: leafSettings
        ),
        .target(
            name: "Transfer",
            dependencies: [
                "CLibSSH", "COpenSSL",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: leafSettings
        ),

        // Moves one file, for Benchmarks/sftp and Benchmarks/s3; not a product.
        .executableTarget(
            name: "transfer-bench",
            dependencies: ["Transfer", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: houseSettings
        ),

        // Times the rendering and writing of outbound files (make bench-outbound).
        .executableTarget(
            name: "outbound-bench",
            dependencies: ["AudienceFiles", "Matching"],
            swiftSettings: houseSettings
        ),

        // Times the core of the People service (make bench-people).
        .executableTarget(
            name: "people-bench",
            dependencies: [
                "AudienceFiles", "ExternalAccounts", "PeopleService", "Provisioning", "Storage",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: houseSettings
        ),

        // System libraries.
        .systemLibrary(name: "CIsal", providers: [.apt(["libisal-dev"])]),
        .systemLibrary(name: "CLibSSH", pkgConfig: "libssh", providers: [.apt(["libssh-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
        .systemLibrary(name: "CRoaring", providers: [.apt(["libroaring-dev"])]),

        // Tests.
        // Real servers, small disks, lines that break and repeatable random numbers, for the tests of all parts.
        .target(
            name: "Surroundings",
            dependencies: [
                "ExternalAccounts", "Storage",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/Surroundings",
            exclude: ["s3-server"],
            swiftSettings: houseSettings
        ),
        .testTarget(
            name: "MatchingTests",
            dependencies: ["COpenSSL", "Matching", "Surroundings"],
            exclude: ["Vectors"],
            swiftSettings: houseSettings
        ),
        .testTarget(name: "ConditionsTests", dependencies: ["Conditions"], swiftSettings: houseSettings),
        .testTarget(
            name: "AudienceFilesTests",
            dependencies: ["AudienceFiles", "Surroundings"],
            exclude: ["Outbound/Golden"],
            swiftSettings: houseSettings
        ),
        .testTarget(
            name: "TransferTests",
            dependencies: [
                "Surroundings", "Transfer", "transfer-bench",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            exclude: ["S3/Vectors"],
            swiftSettings: houseSettings
        ),
        .testTarget(
            name: "StorageTests",
            dependencies: ["Problems", "Storage", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: houseSettings
        ),
        .testTarget(
            name: "CampaignTests",
            dependencies: [
                "AudienceFiles", "Campaign", "Conditions", "ExternalAccounts", "Matching", "Problems",
                "Storage", "Surroundings", "Terminal", "Transfer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            exclude: ["Exports/Golden"],
            swiftSettings: houseSettings
        ),
        .testTarget(
            name: "ProvisioningTests",
            dependencies: [
                "Campaign", "ExternalAccounts", "Matching", "PeopleService", "Problems", "Provisioning",
                "Storage", "Surroundings", "Terminal", "tallystick",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: houseSettings
        ),
        .testTarget(
            name: "PeopleServiceTests",
            dependencies: [
                "AudienceFiles", "Conditions", "ExternalAccounts", "Matching", "PeopleService", "Problems",
                "Storage", "Surroundings", "Terminal", "Transfer", "Web",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: houseSettings
        ),
        // Systems meet in tests only.
        .testTarget(
            name: "HubTests",
            dependencies: [
                "AudienceFiles", "Campaign", "ExternalAccounts", "PeopleService", "Problems", "Storage",
                "Terminal", "Web",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: houseSettings
        ),
    ],
    swiftLanguageModes: [.v6]
)
