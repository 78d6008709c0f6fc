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

func tests(of name: String, uses: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.target(name: name)] + uses, swiftSettings: strict)
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
        .systemLibrary(
            name: "CVectorscan", pkgConfig: "libhs", providers: [.apt(["libvectorscan-dev"])]),
        .systemLibrary(
            name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        // No pkgConfig: simdjson's file sets a -D that SwiftPM refuses, with a warning a build.
        .systemLibrary(name: "CSimdJSONLibrary", providers: [.apt(["libsimdjson-dev"])]),
        .target(
            name: "CSimdJSON", dependencies: ["CSimdJSONLibrary"],
            linkerSettings: [.linkedLibrary("simdjson")]),

        // One line a module, lowest first: nothing below a line may stand in its `uses`.
        module("Bytes"), tests(of: "Bytes"),
        module("Decompression", uses: ["Bytes", "CZlib", "CIgzip"]),
        tests(of: "Decompression", uses: ["Bytes", "CZlib"]),
        module("LogTail", uses: ["Bytes", "Decompression", crypto]),
        module("Interactions", uses: ["Bytes", "CSimdJSON", crypto]),
        module("PatternScan", uses: ["CVectorscan"]),
        module("Sigma", uses: ["Bytes", yams]), tests(of: "Sigma", uses: ["Bytes"]),
        module("Detection", uses: ["Bytes", "Sigma", "Interactions", "PatternScan", crypto]),
        module("Reports", uses: ["Bytes", "CSystemd", grdb, crypto]), tests(of: "Reports", uses: ["Bytes", grdb]),
        module(
            "Monitor",
            uses: ["Bytes", "LogTail", "Sigma", "Detection", "Interactions", "Reports", "CSystemd", logging, yams]),
        .executableTarget(
            name: "tocsin", dependencies: ["Monitor", argumentParser], swiftSettings: strict),
    ],
    cxxLanguageStandard: .cxx17)
