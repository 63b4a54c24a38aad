// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

typealias Dependency = Target.Dependency

let argumentParser = Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let configuration = Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto = Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let grdb = Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let httpTypes = Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Dependency.product(name: "Hummingbird", package: "hummingbird")
let logging = Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTP2 = Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHTTPTypes = Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP2 = Dependency.product(name: "NIOHTTPTypesHTTP2", package: "swift-nio-extras")
let nioPosix = Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Dependency.product(name: "NIOTLS", package: "swift-nio")
let serviceLifecycle = Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let subprocess = Dependency.product(name: "Subprocess", package: "swift-subprocess")
let yams = Dependency.product(name: "Yams", package: "Yams")

func library(_ name: String, _ dependencies: [Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func support(_ name: String, _ dependencies: [Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: settings)
}

func program(_ name: String, at path: String, _ dependencies: [Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Dependency] = [], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

/// The programs carry Swift's libraries in themselves: they run where no Swift is, and what they call most, counting
/// references and allocating, they call directly. The names are what the linker is not told of by itself, since modules
/// are compiled for tests too, which load these libraries.
let withoutSwiftLibraries: [LinkerSetting] = [
    .unsafeFlags(
        ["-static-stdlib", "-Xlinker", "--start-group"]
            + [
                "Foundation", "FoundationEssentials", "FoundationInternationalization", "CoreFoundation",
                "_FoundationICU", "_FoundationCShims", "_FoundationCollections",
            ].map { "-l\($0)" }
            + ["-Xlinker", "--end-group"])
]

// The order of the targets is the order of the layers, lowest first; `make check` holds the imports to it.
let package = Package(
    name: "pratique",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // The system's compression libraries.
        .systemLibrary(
            name: "CCompression",
            providers: [.apt(["zlib1g-dev", "libzstd-dev", "libbz2-dev", "liblzma-dev"])]),

        // Standards: no clock, files, sockets or logs.
        library("DER"),
        library("StrictJSON"),
        library("SignatureKeys", ["DER", crypto, cryptoExtras]),
        library("SafeYAML", ["StrictJSON", yams]),
        library("OCI", ["StrictJSON"]),
        library("ModelFormats", ["CCompression", "OCI", "StrictJSON", crypto]),
        library("TransparencyLog", ["SignatureKeys", crypto]),
        library("Attestation", ["SignatureKeys", "StrictJSON"]),
        library("BillOfMaterials", ["StrictJSON"]),
        library("TUF", ["SignatureKeys", "StrictJSON"]),

        // What decides.
        library("Inspection", ["ModelFormats", "OCI", "SafeYAML", "StrictJSON", crypto]),
        library("Sigstore", ["Attestation", "DER", "SignatureKeys", "StrictJSON", "TransparencyLog"]),
        library(
            "RegistryCore",
            [
                "Attestation", "DER", "OCI", "SafeYAML", "SignatureKeys", "Sigstore", "StrictJSON", "TransparencyLog",
                crypto,
            ]),

        // Contracts.
        library(
            "RegistryPorts", ["Inspection", "OCI", "RegistryCore", "Sigstore", "TransparencyLog", crypto]),
        library("RegistryWire", ["StrictJSON"]),

        // Use cases.
        library(
            "RegistryServices",
            [
                "Attestation", "DER", "Inspection", "ModelFormats", "OCI", "RegistryCore", "RegistryPorts", "SafeYAML",
                "SignatureKeys", "Sigstore", "StrictJSON", "TransparencyLog", crypto,
            ]),

        // The operating system.
        .target(name: "CLinux"),
        library("LinuxFiles", ["CLinux", crypto]),

        // Adapters.
        library("InspectionWorker", ["CLinux", "Inspection", "LinuxFiles", "ModelFormats", "RegistryPorts", logging]),
        library("ContentScanners", ["CLinux", "LinuxFiles", "RegistryPorts", "StrictJSON", crypto]),
        library("StorageFilesystem", ["LinuxFiles", "OCI", "RegistryCore", "RegistryPorts", crypto]),
        library("StorageMemory", ["OCI", "RegistryCore", "RegistryPorts", "TransparencyLog", crypto]),
        library(
            "StorageSQLite", ["OCI", "RegistryCore", "RegistryPorts", "TransparencyLog", crypto, grdb, grdbSQLite]),
        library(
            "RouteSupport",
            [
                "LinuxFiles", "OCI", "RegistryCore", "RegistryPorts", "RegistryServices", "RegistryWire", "StrictJSON",
                crypto, httpTypes, hummingbird, logging, nioCore, nioHTTP1, nioHTTP2, nioHTTPTypes, nioHTTPTypesHTTP2,
                nioSSL, nioTLS,
            ]),
        library(
            "RegistryClient",
            [
                "RegistryCore", "RegistryWire", "StrictJSON", "TransparencyLog", asyncHTTPClient, nioCore, nioHTTP1,
                nioPosix, nioSSL,
            ]),

        library(
            "Signing",
            ["Attestation", "DER", "SignatureKeys", "StrictJSON", crypto, cryptoExtras]),
        library(
            "DistributionClient",
            ["LinuxFiles", "OCI", "RegistryClient", "StrictJSON", asyncHTTPClient, nioCore, nioHTTP1]),
        library(
            "TUFUpdater", ["LinuxFiles", "RegistryClient", "TUF", asyncHTTPClient, nioCore, nioHTTP1, nioPosix]),
        library(
            "SigningServices",
            [
                "DER", "RegistryClient", "SignatureKeys", "Signing", "StrictJSON", asyncHTTPClient, nioCore, nioHTTP1,
                nioPosix,
            ]),

        // Surfaces.
        library(
            "ModelRoutes",
            [
                "OCI", "RegistryCore", "RegistryPorts", "RegistryServices", "RegistryWire", "RouteSupport",
                "StrictJSON", "TransparencyLog", httpTypes, hummingbird, logging, nioCore,
            ]),

        library(
            "OCIRoutes",
            [
                "OCI", "RegistryCore", "RegistryPorts", "RegistryServices", "RouteSupport", "StrictJSON", httpTypes,
                hummingbird, nioCore,
            ]),

        // Wiring and commands.
        library(
            "RegistryServer",
            [
                "ContentScanners", "Inspection", "InspectionWorker", "LinuxFiles", "ModelRoutes", "OCI", "OCIRoutes",
                "RegistryCore",
                "RegistryPorts", "RegistryServices", "RegistryWire", "RouteSupport", "SafeYAML", "Sigstore",
                "StorageFilesystem", "StorageSQLite", "StrictJSON", "TUF", "TUFUpdater", "TransparencyLog",
                argumentParser, configuration,
                crypto, hummingbird, logging, nioCore, nioPosix, serviceLifecycle,
            ]),
        library(
            "RegistryCommands",
            [
                "Attestation", "BillOfMaterials", "DER", "DistributionClient", "Inspection", "InspectionWorker",
                "LinuxFiles",
                "ModelFormats", "OCI", "RegistryClient", "RegistryCore", "RegistryPorts", "RegistryWire",
                "SignatureKeys", "Signing", "SigningServices", "Sigstore", "StrictJSON", "TUF", "TUFUpdater",
                "TransparencyLog", argumentParser, crypto, subprocess,
            ]),

        // Programs.
        .executableTarget(
            name: "pratique", dependencies: ["InspectionWorker", "RegistryServer", argumentParser],
            swiftSettings: settings, linkerSettings: withoutSwiftLibraries),

        .executableTarget(
            name: "securectl", dependencies: ["InspectionWorker", "LinuxFiles", "RegistryCommands", argumentParser],
            swiftSettings: settings, linkerSettings: withoutSwiftLibraries),

        // Test support.
        library(
            "RegistryTesting",
            [
                "Inspection", "ModelFormats", "OCI", "RegistryCore", "RegistryPorts", "RegistryServices",
                "StorageMemory", "StrictJSON", "TransparencyLog", crypto,
            ]),
        support("FileTestSupport", ["LinuxFiles"]),
        support("ServerFixture", ["FileTestSupport", "StrictJSON", crypto]),
        support("RepositorySimulator", ["StrictJSON", "TUF", crypto]),
        support("StubRegistry", [nioCore, nioHTTP1, nioPosix]),
        .executableTarget(name: "fault-injector", path: "Tests/FaultInjector"),
        program("inspector-fixture", at: "Tests/InspectorFixture", ["InspectionWorker"]),
        program(
            "sqlite-writer-fixture", at: "Tests/SQLiteWriterFixture",
            ["OCI", "RegistryCore", "RegistryPorts", "StorageSQLite", "TransparencyLog", crypto]),

        // What we measure; `make bench`.
        program(
            "registry-bench", at: "Benchmarks/RegistryBench",
            [
                "CCompression", "Inspection", "ModelFormats", "OCI", "RegistryCore", "RegistryPorts", "RegistryServer",
                "RegistryServices", "RegistryWire", "Sigstore", "StorageFilesystem", "StorageSQLite", "StrictJSON",
                "TransparencyLog", argumentParser, crypto, nioCore, nioHTTP1, nioPosix,
            ]),

        // The rules of the house.
        .target(name: "TidyRules", path: "Tools/Tidy/Rules", swiftSettings: settings),
        .executableTarget(
            name: "tidy", dependencies: ["TidyRules"], path: "Tools/Tidy/Command", swiftSettings: settings),

        // Tests. Those that run the programs do not name them here: their bundle would be linked as they are, without
        // the libraries that it needs. Whoever builds all tests builds all programs.
        tests("DERTests", ["DER"]),
        tests("StrictJSONTests", ["StrictJSON"]),
        tests("SignatureKeysTests", ["SignatureKeys", "StrictJSON"]),
        tests("SafeYAMLTests", ["SafeYAML", "StrictJSON"]),
        tests("OCITests", ["OCI", "StrictJSON"]),
        tests("ModelFormatsTests", ["CCompression", "ModelFormats", "OCI", "StrictJSON", crypto]),
        tests("TransparencyLogTests", ["TransparencyLog"]),
        tests("AttestationTests", ["Attestation", "SignatureKeys", "StrictJSON"]),
        tests("BillOfMaterialsTests", ["BillOfMaterials", "StrictJSON"]),
        tests("TUFTests", ["RepositorySimulator", "StrictJSON", "TUF"]),
        tests("InspectionTests", ["CCompression", "Inspection", "ModelFormats", "StrictJSON"]),
        tests(
            "RegistryCoreTests",
            [
                "Attestation", "DER", "OCI", "RegistryCore", "SafeYAML", "SignatureKeys", "StrictJSON",
                "TransparencyLog",
            ]),
        tests("SigstoreTests", ["DER", "SignatureKeys", "Sigstore", "StrictJSON"]),
        tests("SigningTests", ["SignatureKeys", "Signing", "Sigstore", "StrictJSON"]),
        tests(
            "RegistryServicesTests",
            [
                "Attestation", "Inspection", "ModelFormats", "OCI", "RegistryCore", "RegistryPorts", "RegistryServices",
                "RegistryTesting", "SafeYAML", "SignatureKeys", "Sigstore", "StorageMemory", "StorageSQLite",
                "StrictJSON", "TransparencyLog", crypto,
            ]),
        tests("LinuxFilesTests", ["FileTestSupport", "LinuxFiles", crypto]),
        tests(
            "InspectionWorkerTests",
            [
                "FileTestSupport", "Inspection", "InspectionWorker", "LinuxFiles", "ModelFormats", "RegistryPorts",
                "inspector-fixture", logging,
            ]),
        tests(
            "ContentScannersTests",
            ["ContentScanners", "FileTestSupport", "LinuxFiles", "RegistryPorts"]),
        tests(
            "StorageFilesystemTests",
            [
                "FileTestSupport", "LinuxFiles", "OCI", "RegistryCore", "RegistryPorts", "RegistryTesting",
                "StorageFilesystem", crypto,
            ]),
        tests(
            "StorageMemoryTests",
            ["OCI", "RegistryCore", "RegistryPorts", "RegistryTesting", "StorageMemory", "TransparencyLog"]),
        tests(
            "StorageSQLiteTests",
            [
                "FileTestSupport", "LinuxFiles", "OCI", "RegistryCore", "RegistryPorts", "RegistryTesting",
                "StorageSQLite", "TransparencyLog", "sqlite-writer-fixture", grdb,
            ]),
        tests(
            "RegistryClientTests",
            ["RegistryClient", "RegistryCore", "RegistryWire", "StrictJSON", "StubRegistry", "TransparencyLog"]),
        tests(
            "DistributionClientTests",
            ["DistributionClient", "FileTestSupport", "LinuxFiles", "OCI", "RegistryClient", "StrictJSON"]),
        tests(
            "SigningServicesTests",
            ["RegistryClient", "SignatureKeys", "Signing", "SigningServices", "StrictJSON", "StubRegistry"]),
        tests(
            "TUFUpdaterTests",
            ["FileTestSupport", "LinuxFiles", "RepositorySimulator", "StubRegistry", "TUF", "TUFUpdater"]),
        tests(
            "RouteSupportTests",
            ["OCI", "RegistryCore", "RouteSupport", crypto, httpTypes, hummingbird, nioCore]),
        tests(
            "RegistryServerTests",
            [
                "FileTestSupport", "LinuxFiles", "RegistryCore", "RegistryPorts", "RegistryServer", "RegistryTesting",
                "RepositorySimulator", "Sigstore", "StrictJSON", "TUF", "TUFUpdater", logging,
            ]),
        tests(
            "IntegrationTests",
            [
                "FileTestSupport", "ServerFixture", "StrictJSON", "TransparencyLog", crypto,
            ]),
        tests(
            "FaultTests",
            [
                "FileTestSupport", "ServerFixture", "StrictJSON", "fault-injector", grdb,
            ]),
        tests(
            "RegistryCommandsTests",
            [
                "Inspection", "LinuxFiles", "ModelFormats", "RegistryCommands", "RegistryCore", "StrictJSON",
                "StubRegistry", "TransparencyLog", crypto,
            ]),
        tests("TidyTests", ["TidyRules"]),
    ]
)
