// swift-tools-version: 6.2
import PackageDescription

/// The one place for compiler settings: Swift 6 language mode, upcoming features on, warnings are errors.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "sluice",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Sluice", targets: ["Sluice"]),
        .library(name: "HummingbirdSluice", targets: ["HummingbirdSluice"]),
        .library(name: "Postgres", targets: ["Postgres"]),
        .executable(name: "sluice", targets: ["SluiceMain"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(
            name: "Postgres",
            dependencies: ["CLibPQ", collections, logging, metrics],
            swiftSettings: strict),
        .target(name: "SluiceCore", swiftSettings: strict),
        .target(
            name: "SluiceMigrations", path: "migrations", exclude: ["released", "schema.sql"],
            resources: [
                "0001_create_ledger", "0002_create_partitions", "0003_create_admission", "0004_create_recording",
                "0005_create_identity", "0006_create_settlements", "0007_grant_privileges", "0008_create_policies",
                "0009_add_retention", "0010_create_reports", "0011_seal_days", "0012_admit_one",
                "0013_admit_batch", "0014_batch_repeated_users",
            ].flatMap { file in
                [.embedInCode("\(file).up.sql"), .embedInCode("\(file).down.sql")]
            },
            swiftSettings: strict),
        .target(
            name: "SluicePostgres",
            dependencies: ["Postgres", "SluiceCore", "SluiceMigrations", crypto, lifecycle, logging, metrics],
            swiftSettings: strict),
        .target(
            name: "SluiceLedger",
            dependencies: ["Postgres", "SluiceCore", "SluicePostgres", crypto, lifecycle, logging],
            swiftSettings: strict),
        .target(name: "SluiceIdentity", dependencies: ["SluiceCore", crypto, jwtKit], swiftSettings: strict),
        .target(
            name: "SluiceGateway",
            dependencies: ["SluiceCore", asyncHTTPClient, crypto, httpTypes, logging, nioCore, nioHTTP1],
            swiftSettings: strict),
        .target(name: "SluiceJournal", dependencies: ["SluiceCore"], swiftSettings: strict),
        .target(name: "SluiceIDs", dependencies: ["SluiceCore"], swiftSettings: strict),
        .target(
            name: "Sluice",
            dependencies: [
                "Postgres", "SluiceCore", "SluiceIDs", "SluiceJournal", "SluicePostgres", lifecycle, logging, metrics,
            ],
            swiftSettings: strict),
        .target(name: "PrometheusMetrics", dependencies: [coreMetrics], swiftSettings: strict),
        .target(
            name: "HummingbirdSluice",
            dependencies: [
                "SluiceCore", "SluiceIDs", httpTypes, hummingbird, hummingbirdCore, logging, nioCore, nioHTTP1,
            ],
            swiftSettings: strict),
        .target(
            name: "SluiceServer",
            dependencies: [
                "HummingbirdSluice", "PrometheusMetrics", "SluiceCore", "SluiceGateway", "SluiceIdentity",
                crypto, httpTypes, hummingbird, hummingbirdCore, lifecycle, logging, metrics, nioCore, nioHTTP1,
            ],
            resources: [.embedInCode("OpenAPI/openapi.json")],
            swiftSettings: strict),
        .target(
            name: "SluiceCLI",
            dependencies: [
                "HummingbirdSluice", "Postgres", "PrometheusMetrics", "Sluice", "SluiceCore", "SluiceGateway",
                "SluiceIdentity", "SluiceJournal", "SluiceLedger", "SluicePostgres", "SluiceServer", argumentParser,
                asyncHTTPClient, crypto, lifecycle, logging, metrics, nioCore, nioHTTP1, subprocess, system,
                unixSignals, yams,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "SluiceMain", dependencies: ["SluiceCLI"], path: "Sources/sluice", swiftSettings: strict),
        .target(
            name: "SluiceTesting",
            dependencies: [
                "Postgres", "SluiceCore", "SluicePostgres", logging, nioCore, nioHTTP1, nioPosix, subprocess,
            ],
            swiftSettings: strict),
        .testTarget(name: "SluiceCoreTests", dependencies: ["SluiceCore", "SluiceTesting"], swiftSettings: strict),
        .testTarget(
            name: "PostgresTests", dependencies: ["Postgres", "SluiceTesting", logging], swiftSettings: strict),
        .testTarget(
            name: "SluiceJournalTests", dependencies: ["SluiceCore", "SluiceJournal", "SluiceTesting"],
            swiftSettings: strict),
        .testTarget(
            name: "SluiceIdentityTests",
            dependencies: ["SluiceCore", "SluiceIdentity", "SluiceTesting", crypto, cryptoExtras, jwtKit],
            swiftSettings: strict),
        .testTarget(
            name: "SluiceGatewayTests",
            dependencies: [
                "SluiceCore", "SluiceGateway", "SluiceTesting", asyncHTTPClient, httpTypes, hummingbird,
                hummingbirdCore,
                logging, nioCore, nioEmbedded, nioHTTP1,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SluicePostgresTests",
            dependencies: ["Postgres", "SluiceCore", "SluiceMigrations", "SluicePostgres", "SluiceTesting", logging],
            swiftSettings: strict),
        .testTarget(
            name: "SluiceLedgerTests",
            dependencies: [
                "Postgres", "SluiceCore", "SluiceLedger", "SluicePostgres", "SluiceTesting", crypto, logging,
                subprocess,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SluiceServerTests",
            dependencies: [
                "HummingbirdSluice", "PrometheusMetrics", "SluiceCore", "SluiceServer",
                coreMetrics, httpTypes, hummingbird, hummingbirdCore, hummingbirdTesting, lifecycle, logging, metrics,
                nioCore, nioEmbedded,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SluiceCLITests",
            dependencies: [
                "Postgres", "Sluice", "SluiceCLI", "SluiceCore", "SluiceGateway", "SluiceJournal", "SluiceLedger",
                "SluicePostgres", "SluiceServer", "SluiceTesting", argumentParser, httpTypes, lifecycle, logging,
                subprocess, system,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Postgres", "Sluice", "SluiceCore", "SluiceIDs", "SluiceJournal", "SluiceMain", "SluicePostgres",
                "SluiceTesting", httpTypes, hummingbirdTesting, logging, nioCore,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ClientTests",
            dependencies: [
                "Postgres", "SluiceCore", "SluiceMain", "SluicePostgres", "SluiceTesting", crypto, httpTypes,
                hummingbirdTesting, logging, nioCore, nioPosix, subprocess,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "FaultTests",
            dependencies: ["Postgres", "SluiceCore", "SluiceMain", "SluicePostgres", "SluiceTesting", logging],
            swiftSettings: strict),
    ]
)

// The micro-benchmarks reach what is `package` here, so they are of this package; what they are built with is nobody else's
// dependency. `Benchmarks/micro` sets this.
if Context.environment["SLUICE_MICRO"] != nil {
    // Its traits count allocations by libraries that it would load first; `CUsage` does that.
    package.dependencies.append(.package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []))
    package.targets += [
        .target(name: "CUsage", path: "Benchmarks/CUsage"),
        .executableTarget(
            name: "MicroBenchmarks",
            dependencies: [
                "CUsage", "HummingbirdSluice", "Postgres", "PrometheusMetrics", "SluiceCore", "SluiceIdentity",
                "SluiceJournal", "SluicePostgres", "SluiceServer", crypto, httpTypes, hummingbird, hummingbirdTesting,
                logging, metrics, .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/MicroBenchmarks",
            swiftSettings: strict,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ]
}
