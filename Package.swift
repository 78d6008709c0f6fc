// swift-tools-version:6.2
import PackageDescription

/// Settings for every target we write: memory safety and warnings are errors from the first commit.
let strict: [SwiftSetting] = [
    .strictMemorySafety(), .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
]

func module(_ name: String, uses: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: uses, swiftSettings: strict)
}

/// Tests are built without the strict settings: what they do with pointers is not shipped.
func tests(
    of name: String, named: String? = nil, uses: [Target.Dependency] = [], data: [String] = []
) -> Target {
    .testTarget(
        name: "\(named ?? name)Tests", dependencies: [.target(name: name)] + uses,
        exclude: data, swiftSettings: [.treatAllWarnings(as: .error)])
}

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "tocsin",
    products: [.executable(name: "tocsin", targets: ["tocsin"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        // The C libraries, each behind a module map.
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CIgzip", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(
            name: "CVectorscan", pkgConfig: "libhs", providers: [.apt(["libvectorscan-dev"])]),
        .systemLibrary(
            name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(name: "CNats", pkgConfig: "libnats", providers: [.apt(["libnats-dev"])]),
        .systemLibrary(name: "CLinux"),
        // No pkgConfig: simdjson's file sets a -D that SwiftPM refuses, with a warning a build.
        .systemLibrary(name: "CSimdJSONLibrary", providers: [.apt(["libsimdjson-dev"])]),
        .target(name: "CTextScan"),
        .target(
            name: "CSimdJSON", dependencies: ["CSimdJSONLibrary"],
            linkerSettings: [.linkedLibrary("simdjson")]),

        // One line a module, lowest first: nothing below a line may stand in its `uses`.
        module("Bytes"), tests(of: "Bytes", uses: ["TestSupport"]),
        module("Decompression", uses: ["Bytes", "CZlib", "CIgzip", "CZstd"]),
        tests(of: "Decompression", uses: ["Bytes", "TestSupport"]),
        module("LogTail", uses: ["Bytes", "Decompression", "CLinux", crypto]),
        tests(of: "LogTail", uses: ["Bytes", "Decompression", "TestSupport"]),
        module("Interactions", uses: ["Bytes", "CSimdJSON", crypto]),
        tests(of: "Interactions", uses: ["Bytes", "TestSupport"]),
        module("TextViews", uses: ["Bytes", "CTextScan"]),
        tests(of: "TextViews", uses: ["CTextScan"]),
        module("PatternScan", uses: ["CVectorscan"]),
        tests(of: "PatternScan", uses: ["TestSupport"]),
        module("Scores", uses: ["Bytes", "CTextScan", crypto]), tests(of: "Scores"),
        module("Sigma", uses: [yams]),
        tests(of: "Sigma", uses: ["TestSupport"], data: ["Diagnostics"]),
        module(
            "Detection",
            uses: ["Bytes", "Sigma", "Interactions", "PatternScan", "Scores", "TextViews"]),
        tests(
            of: "Detection",
            uses: ["Bytes", "Interactions", "Scores", "Sigma", "TestSupport", "TextViews"]),
        module("Correlation", uses: ["Sigma"]),
        tests(of: "Correlation", uses: ["Sigma", "TestSupport"]),
        module("JetStream", uses: ["CNats"]),
        tests(of: "JetStream", uses: ["TestSupport", crypto]),
        module("Evaluation", uses: ["Bytes", "Decompression", "LogTail", "Scores"]),
        tests(of: "Evaluation", uses: ["Scores"]),
        module("Reports", uses: ["Bytes", "JetStream", "CSystemd", grdb, crypto]),
        tests(of: "Reports", uses: ["Bytes", "JetStream", "TestSupport", grdb]),
        module("Fleet", uses: ["JetStream", "Correlation", "Reports"]),
        tests(
            of: "Fleet", uses: ["Correlation", "JetStream", "Reports", "Sigma", "TestSupport"]),
        module("Varlink", uses: ["CLinux", "CSimdJSON", "CSystemd"]),
        tests(of: "Varlink", uses: ["TestSupport"]),
        module(
            "Monitor",
            uses: [
                "Bytes", "LogTail", "Decompression", "Sigma", "Detection", "Interactions",
                "Correlation", "Evaluation", "Fleet", "JetStream", "Reports", "Scores", "TextViews",
                "Varlink", "CLinux", "CSystemd", "CZlib", crypto, logging, yams,
            ]),
        tests(
            of: "Monitor", uses: ["FuzzEntries", "Reports", "TestSupport", logging],
            data: ["Frames"]),
        .executableTarget(
            name: "tocsin", dependencies: ["Monitor", argumentParser], swiftSettings: strict),
        tests(
            of: "tocsin", named: "EndToEnd", uses: ["JetStream", "Reports", "TestSupport"],
            data: ["Checks"]),

        .target(
            name: "TestSupport", dependencies: ["CLinux", "CZlib", "CZstd", "JetStream"],
            path: "Tests/TestSupport",
            swiftSettings: strict),

        // What deploy/bench-tail, deploy/bench-scores and deploy/fuzz run; none of it is shipped.
        .executableTarget(
            name: "scorebench", dependencies: ["Scores"], path: "Tests/ScoreBench",
            swiftSettings: [.treatAllWarnings(as: .error)]),
        .executableTarget(
            name: "tailbench",
            dependencies: ["Bytes", "Decompression", "LogTail", "CIgzip", "CZlib", "CZstd"],
            path: "Tests/TailBench", swiftSettings: [.treatAllWarnings(as: .error)]),
        .target(
            name: "FuzzEntries",
            dependencies: [
                "Bytes", "Correlation", "Decompression", "Detection", "Interactions", "LogTail",
                "Monitor", "Sigma", "TestSupport", "Varlink",
            ],
            path: "Tests/Fuzz/Entries",
            swiftSettings: [
                .treatAllWarnings(as: .error), .enableUpcomingFeature("InternalImportsByDefault"),
            ]),
        .executableTarget(
            name: "fuzz", dependencies: ["FuzzEntries"], path: "Tests/Fuzz/Driver",
            swiftSettings: [.treatAllWarnings(as: .error)]),
    ],
    cxxLanguageStandard: .cxx17)
