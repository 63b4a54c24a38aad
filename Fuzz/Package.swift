// swift-tools-version: 6.2
import PackageDescription

// The parsers, compiled once more from the same sources with the instrumentation of libFuzzer. `scripts/fuzz` links
// the product.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .unsafeFlags(["-sanitize=fuzzer"]),
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")

let package = Package(
    name: "pratique-fuzz",
    products: [.library(name: "FuzzTargets", type: .static, targets: ["FuzzTargets"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CCompression"),
        .target(name: "StrictJSON", swiftSettings: settings),
        .target(
            name: "SafeYAML", dependencies: ["StrictJSON", .product(name: "Yams", package: "Yams")],
            swiftSettings: settings),
        .target(name: "OCI", dependencies: ["StrictJSON"], swiftSettings: settings),
        .target(
            name: "ModelFormats", dependencies: ["CCompression", "OCI", "StrictJSON", crypto], swiftSettings: settings),
        .target(
            name: "Inspection", dependencies: ["ModelFormats", "OCI", "SafeYAML", "StrictJSON", crypto],
            swiftSettings: settings),
        .target(name: "DER", swiftSettings: settings),
        .target(name: "SignatureKeys", dependencies: ["DER", crypto, cryptoExtras], swiftSettings: settings),
        .target(name: "TransparencyLog", dependencies: ["SignatureKeys", crypto], swiftSettings: settings),
        .target(name: "Attestation", dependencies: ["SignatureKeys", "StrictJSON"], swiftSettings: settings),
        .target(
            name: "Sigstore", dependencies: ["Attestation", "DER", "SignatureKeys", "StrictJSON", "TransparencyLog"],
            swiftSettings: settings),
        .target(name: "BillOfMaterials", dependencies: ["StrictJSON"], swiftSettings: settings),
        .target(name: "TUF", dependencies: ["SignatureKeys", "StrictJSON"], swiftSettings: settings),
        .target(name: "RepositorySimulator", dependencies: ["StrictJSON", "TUF", crypto], swiftSettings: settings),
        .target(
            name: "RegistryCore",
            dependencies: [
                "Attestation", "DER", "OCI", "SafeYAML", "SignatureKeys", "Sigstore", "StrictJSON", "TransparencyLog",
                crypto,
            ],
            swiftSettings: settings),
        .target(
            name: "RegistryPorts",
            dependencies: ["Inspection", "OCI", "RegistryCore", "Sigstore", "TransparencyLog", crypto],
            swiftSettings: settings),
        .target(name: "CLinux"),
        .target(name: "LinuxFiles", dependencies: ["CLinux", crypto], swiftSettings: settings),
        // What its parsers give is not public.
        .target(
            name: "ContentScanners", dependencies: ["CLinux", "LinuxFiles", "RegistryPorts", "StrictJSON", crypto],
            swiftSettings: settings + [.unsafeFlags(["-enable-testing"])]),
        // Of the clients their parsers alone: the rest needs sockets.
        .target(name: "RegistryClient", swiftSettings: settings),
        .target(
            name: "DistributionClient", dependencies: ["OCI", "RegistryClient", "StrictJSON"], swiftSettings: settings),
        // Of what is derived from passwords only what is cheap can be tried: what it asks for is not public.
        .target(
            name: "Signing",
            dependencies: ["Attestation", "DER", "SignatureKeys", "StrictJSON", crypto, cryptoExtras],
            swiftSettings: settings + [.unsafeFlags(["-enable-testing"])]),
        .target(
            name: "SigningServices", dependencies: ["DER", "RegistryClient", "SignatureKeys", "StrictJSON"],
            swiftSettings: settings),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Attestation", "BillOfMaterials", "ContentScanners", "DER", "DistributionClient", "Inspection",
                "ModelFormats", "OCI", "RegistryClient", "RegistryCore", "RegistryPorts", "RepositorySimulator",
                "SafeYAML", "SignatureKeys", "Signing", "SigningServices", "Sigstore", "StrictJSON", "TUF",
                "TransparencyLog",
            ],
            swiftSettings: settings),
    ]
)
