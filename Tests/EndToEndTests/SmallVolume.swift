// SPDX-License-Identifier: Apache-2.0
import Foundation
import Reports
import TestSupport

/// A small disk in memory at one folder, seen only by the programs that are started on it.
///
/// A process of its own holds it, so it outlives the programs.
final class SmallVolume {
    private let path: String
    private let holder = Process()
    private let holderInput = Pipe()
    private(set) var isFull = false

    /// Makes the folder such a disk.
    init(at path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let output = Pipe()
        holder.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        holder.arguments = [
            "--mount", "--propagation", "private", "/bin/sh", "-c",
            "mount -t tmpfs -o size=16m,mode=700 tmpfs \(path) && echo ready && exec cat",
        ]
        holder.standardInput = holderInput
        holder.standardOutput = output
        try holder.run()
        guard output.fileHandleForReading.availableData == Data("ready\n".utf8) else {
            throw ModelError.ended("mount -t tmpfs \(path)")
        }
    }

    deinit {
        kill(holder.processIdentifier, SIGKILL)
        holder.waitUntilExit()
    }

    /// What a command line begins with to run a program on this disk.
    var prefix: [String] { ["/usr/bin/nsenter", "-t", "\(holder.processIdentifier)", "-m"] }

    /// Writes a file as large as there is room.
    func fill() throws {
        try run("cat /dev/zero > \(path)/filler")
        isFull = true
    }

    func free() throws {
        guard isFull else { return }
        try run("rm \(path)/filler")
        isFull = false
    }

    /// The reports of the store that the disk holds; none while it cannot be read.
    var reports: [Report] {
        let path = path
        let reports = try? SeparateThread.insideNamespace(of: holder.processIdentifier) {
            try ReportStore(existing: path).reports(after: 0, limit: 1_000_000).map(\.report)
        }
        return reports ?? []
    }

    private func run(_ script: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/nsenter")
        process.arguments = Array(prefix.dropFirst()) + ["/bin/sh", "-c", script]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
    }
}
