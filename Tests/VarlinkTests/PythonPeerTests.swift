// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Varlink

/// The Varlink project's own Python implementation, as `deploy/peer` installs it.
enum PythonPeer {
    private static let launcher = URL(fileURLWithPath: #filePath)
        .appendingPathComponent("../../../deploy/peer").standardized.path

    /// Whether it is there; where CI=true its absence fails the tests instead.
    static let isThere: Bool = {
        let isInstalled = (try? run("-c", "import varlink"))?.status == 0
        if !isInstalled {
            print("NOT tested with Python's varlink: run deploy/packages test, with a network")
        }
        return isInstalled || ProcessInfo.processInfo.environment["CI"] == "true"
    }()

    static func process(_ arguments: [String]) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: launcher)
        process.arguments = ["varlink", "python3"] + arguments
        process.standardInput = FileHandle.nullDevice
        return process
    }

    static func run(_ arguments: String...) throws -> (status: Int32, output: String) {
        let process = process(arguments)
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    /// A file of the package.
    static func file(_ path: String) throws -> String {
        let code = "import os, varlink; print(os.path.dirname(varlink.__file__), end='')"
        return try String(contentsOfFile: run("-c", code).output + "/" + path, encoding: .utf8)
    }
}

@Suite(.enabled(if: PythonPeer.isThere, "Python's varlink is not installed"))
struct PythonPeerTests {
    @Test("the interfaces that the package comes with are read")
    func interfaces() throws {
        for (file, name) in [
            ("org.varlink.service.varlink", "org.varlink.service"),
            ("tests/org.example.more.varlink", "org.example.more"),
            ("tests/org.varlink.certification.varlink", "org.varlink.certification"),
        ] {
            #expect(try VarlinkInterface(PythonPeer.file(file)).name == name)
        }
    }

    @Test("its client passes Varlink's certification with this server")
    func certifiesServer() throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/socket"
        let certification = try CertificationService()
        let server = try VarlinkServer(certification.service, at: .path(path))
        defer { server.stop() }
        let (status, output) = try PythonPeer.run(
            "-m", "varlink.tests.test_certification", "--client", "--varlink=unix:\(path)")
        #expect(status == 0 && output.contains("Certification passed"), "\(output)")
        #expect(certification.called.withLock { $0 } == CertificationService.methods)
    }

    @Test("this client passes Varlink's certification with its server")
    func certifiesClient() throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/socket"
        let process = PythonPeer.process([
            "-m", "varlink.tests.test_certification", "--varlink=unix:\(path)",
        ])
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        defer {
            // A child of a pool's thread has SIGTERM blocked.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        // It may also end at once, with its own word on why.
        #expect(waitUntil { !process.isRunning || (try? VarlinkClient(path: path)) != nil })
        let client = try VarlinkClient(path: path)
        let prefix = "org.varlink.certification."
        let start: JSONValue = try client.call("\(prefix)Start")
        let id = try #require(start["client_id"])
        // Each reply is the next call's parameters.
        var parameters: [String: JSONValue] = [:]
        for number in 1...9 {
            parameters["client_id"] = id
            let reply: JSONValue = try client.call("\(prefix)Test0\(number)", parameters)
            parameters = try #require(reply.members)
        }
        parameters["client_id"] = id
        let replies: VarlinkReplies<JSONValue> = try client.callMore("\(prefix)Test10", parameters)
        var texts: [JSONValue] = []
        while let reply = try replies.next(timeout: .seconds(60)) {
            try texts.append(#require(reply["string"]))
        }
        try client.callOneway(
            "\(prefix)Test11", ["client_id": id, "last_more_replies": .array(texts)])
        let end: JSONValue = try client.call("\(prefix)End", ["client_id": id])
        #expect(end["all_ok"] == .bool(true))
    }

    @Test("its client gets replies, streams and errors of this server")
    func clientCalls() throws {
        let test = try TestServer()
        defer { test.stop() }
        let code = """
            import varlink
            with varlink.Client.new_with_address("unix:\(test.path)") as client:
                info = client.get_interfaces()
                print(sorted(info))
                with client.open("org.example.test") as c:
                    print(c.Add(2, 3)["sum"], c.Echo("a", 4)["number"])
                    print([r["number"] for r in c.Count(3, _more=True)])
                    for call in (lambda: c.Break("rust"), lambda: c.Count(3)):
                        try:
                            call()
                        except varlink.VarlinkError as e:
                            print(e.error(), e.parameters())
            """
        let (status, output) = try PythonPeer.run("-c", code)
        #expect(status == 0)
        #expect(
            output == """
                ['org.example.Connection', 'org.example.test', 'org.varlink.service']
                5 4
                [1, 2, 3]
                org.example.test.Broken {'reason': 'rust'}
                org.varlink.service.ExpectedMore {}

                """)
    }
}
