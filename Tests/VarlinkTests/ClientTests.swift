// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Varlink

/// What a client says of services that are not there or are none.
@Suite struct ClientTests {
    private func fault(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch { return "\(error)" }
    }

    @Test("a service that cannot be reached is told with what to do")
    func cannotConnect() throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/socket"
        #expect(
            fault { _ = try VarlinkClient(path: path) }
                == "\(path): no such socket; is the service running, and is this its socket's path?"
        )
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let address = try #require(UnixAddress(path: path))
        #expect(address.withPointer { bind(listener, $0, $1) } == 0)
        #expect(
            fault { _ = try VarlinkClient(path: path) }
                == "\(path): nobody serves this socket; start the service")
        chmod(path, 0o600)
        chmod(scratch.path, 0o755)
        // The socket's mode is asked of the file rights, which root need not have.
        if geteuid() == 0 {
            #expect(listen(listener, 1) == 0)
            let told = try SeparateThread.withoutFileRights {
                do {
                    _ = try VarlinkClient(path: path)
                    return ""
                } catch { return "\(error)" }
            }
            #expect(
                told
                    == "\(path): permission denied; run this as a user whom the socket's mode lets in"
            )
        }
        close(listener)
    }

    /// Serves one connection with these bytes, after the first call has come.
    private func withForeignService(
        answering bytes: [UInt8], thenCloses: Bool = true, _ body: (String) throws -> Void
    ) throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/socket"
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let address = try #require(UnixAddress(path: path))
        #expect(address.withPointer { bind(listener, $0, $1) } == 0 && listen(listener, 1) == 0)
        let ended = DispatchSemaphore(value: 0)
        let mayClose = DispatchSemaphore(value: thenCloses ? 1 : 0)
        Thread {
            let connection = accept(listener, nil, nil)
            var buffer = [UInt8](repeating: 0, count: 4096)
            _ = recv(connection, &buffer, buffer.count, 0)
            _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            mayClose.wait()
            close(connection)
            ended.signal()
        }.start()
        defer {
            mayClose.signal()
            ended.wait()
            close(listener)
        }
        try body(path)
    }

    /// What a service answers, and what is made of it.
    private static let answers: [(String, String)] = [
        ("", "the service closed the connection; try again"),
        ("{\"parameters\":", "the service closed the connection; try again"),
        (
            "junk\0",
            "what answers there is no Varlink service that this client knows: not JSON in UTF-8"
        ),
        (
            "[]\0",
            "what answers there is no Varlink service that this client knows: the reply is no JSON object"
        ),
        (
            "{\"error\":5}\0",
            "what answers there is no Varlink service that this client knows: 'error' is no text"
        ),
        (
            "{\"parameters\":{\"sum\":\"x\"}}\0",
            "what answers there is no Varlink service that this client knows: the reply's parameters are not those of a Sum"
        ),
        (
            "{\"parameters\":{\"sum\":1},\"continues\":true}\0",
            "what answers there is no Varlink service that this client knows: a second reply is announced"
        ),
        (
            "{\"parameters\":{\"sum\":1},\"continues\":2}\0",
            "what answers there is no Varlink service that this client knows: 'continues' is neither true nor false"
        ),
    ]

    @Test("an answer that is none is told, and ends the connection", arguments: 0..<8)
    func wrongAnswers(index: Int) throws {
        let (answer, told) = Self.answers[index]
        try withForeignService(answering: Array(answer.utf8)) { path in
            let client = try VarlinkClient(path: path)
            let add = {
                let _: Sum = try client.call("org.example.test.Add", Terms(left: 1, right: 1))
            }
            #expect(fault(add) == "\(path): \(told)")
            #expect(fault(add) == "\(path): the service closed the connection; try again")
        }
    }

    @Test("a service that has gone is told to who calls it, oneway too")
    func serviceGone() throws {
        let test = try TestServer()
        let client = try test.client()
        test.stop()
        let told = "\(test.path): the service closed the connection; try again"
        #expect(
            fault { try client.callOneway("org.example.test.Take", Text(text: "a")) } == told)
        #expect(fault { let _: Sum = try client.call("org.example.test.Add") } == told)
    }

    @Test("an error reply is told by its name and parameters")
    func errorReply() throws {
        let answer = #"{"error":"a.b.Bad","parameters":{"x":1}}"#
        try withForeignService(answering: Array(answer.utf8) + [0]) { path in
            let told = fault {
                let _: Sum = try VarlinkClient(path: path).call("a.b.C")
            }
            #expect(told == #"the service answered a.b.Bad {"x":1}"#)
        }
    }

    @Test("a service that is silent is waited for as long as was said")
    func silentService() throws {
        try withForeignService(answering: [], thenCloses: false) { path in
            let client = try VarlinkClient(path: path)
            let told = fault {
                let _: Sum = try client.call("a.b.C", timeout: .milliseconds(50))
            }
            #expect(told == "\(path): no answer in time; try again, or look at the service")
        }
    }

    @Test(
        "journald is a Varlink service that this client can call",
        .enabled(if: PrivateJournald.obstacle == nil, "no private journald here"))
    func journald() throws {
        let journald = try PrivateJournald()
        defer { journald.stop() }
        let outcome = try journald.perform {
            let client = try VarlinkClient(path: "/run/systemd/journal/io.systemd.journal")
            let _: NoParameters = try client.call("io.systemd.Journal.Synchronize")
            do {
                let _: NoParameters = try client.call("io.systemd.Journal.Nothing")
                return ""
            } catch { return "\(error)" }
        }
        #expect(outcome.contains("org.varlink.service.MethodNotFound"))
    }
}
