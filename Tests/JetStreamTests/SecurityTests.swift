// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import JetStream

/// TLS and who we are, against the real server.
@Suite("Security", .enabled(if: noServer == nil, noServerComment))
struct SecurityTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func path(_ name: String) -> String { "\(scratch.path)/\(name)" }

    private func file(_ name: String, _ text: String) throws -> String {
        try text.write(toFile: path(name), atomically: true, encoding: .utf8)
        return path(name)
    }

    /// Certificates of a new authority `NAME.pem`: for a server of that host name, and a client.
    private func makeCertificates(_ name: String, host: String) throws {
        let script = """
            set -e; cd "$1"; new="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
            openssl req -x509 $new -days 2 -keyout "$2.key" -out "$2.pem" -subj "/CN=$2"
            echo "subjectAltName=DNS:$3" > ext
            for who in server client; do
                openssl req $new -keyout "$2-$who.key" -out csr -subj "/CN=$3"
                openssl x509 -req -in csr -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 2 \
                    -extfile ext -out "$2-$who.pem"
            done
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script, "sh", scratch.path, name, host]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    private func serverTLS(_ name: String, verifies: Bool) -> String {
        """
        tls { cert_file: "\(path("\(name)-server.pem"))", key_file: "\(path("\(name)-server.key"))"
            ca_file: "\(path("\(name).pem"))", verify: \(verifies), timeout: 10 }
        """
    }

    private func trouble(_ settings: NatsSettings) -> String? {
        StreamPublisher(settings, stream: once).publish([message("a")]).trouble?.description
    }

    @Test("TLS: the right authority and name are taken, a wrong one of either is refused")
    func tls() throws {
        try makeCertificates("good", host: "localhost")
        try makeCertificates("other", host: "elsewhere.example")
        let server = try NatsServer(settings: serverTLS("good", verifies: false))
        let url = "tls://localhost:\(server.port)"
        #expect(trouble(NatsSettings(urls: [url], ca: path("good.pem"))) == nil)
        // The authority is asked for also where the address does not say tls.
        let plain = server.url.replacingOccurrences(of: "127.0.0.1", with: "localhost")
        #expect(trouble(NatsSettings(urls: [plain], ca: path("good.pem"))) == nil)
        let wrong = try #require(trouble(NatsSettings(urls: [url], ca: path("other.pem"))))
        #expect(wrong.hasPrefix("\(url): cannot connect: "))
        #expect(wrong.contains("see that `ca` signed the server's certificate"))
        #expect(trouble(NatsSettings(urls: [url])) != nil)
        #expect(
            trouble(NatsSettings(urls: [url], ca: path("none.pem")))?
                .hasPrefix("\(path("none.pem")): not a file of certificates (PEM)") == true)

        let misnamed = try NatsServer(settings: serverTLS("other", verifies: false))
        #expect(
            trouble(
                NatsSettings(urls: ["tls://localhost:\(misnamed.port)"], ca: path("other.pem")))
                != nil)
    }

    @Test("TLS: a server that asks for our certificate gets it, and refuses us without")
    func clientCertificate() throws {
        try makeCertificates("good", host: "localhost")
        let server = try NatsServer(settings: serverTLS("good", verifies: true))
        let url = "tls://localhost:\(server.port)"
        let settings = NatsSettings(
            urls: [url], ca: path("good.pem"), certificate: path("good-client.pem"),
            key: path("good-client.key"))
        #expect(trouble(settings) == nil)
        #expect(trouble(NatsSettings(urls: [url], ca: path("good.pem"))) != nil)
    }

    @Test("a server that speaks no TLS is not talked to in the clear")
    func noTLS() throws {
        let server = try NatsServer()
        #expect(
            trouble(NatsSettings(urls: ["tls://localhost:\(server.port)"]))?
                .hasSuffix("the server does not speak TLS") == true)
    }

    @Test("user and password, or a token, come from a file and are in no message")
    func secrets() throws {
        let server = try NatsServer(
            settings: "authorization { user: tocsin, password: right-horse }")
        let good = NatsSettings(
            urls: [server.url], credentials: try file("good", "tocsin\nright-horse\n"))
        #expect(trouble(good) == nil)
        let bad = NatsSettings(
            urls: [server.url], credentials: try file("bad", "tocsin\nwrong-horse\n"))
        let refusal = try #require(trouble(bad))
        #expect(refusal.hasSuffix("see that \(path("bad")) holds what the server knows us by"))
        #expect(!refusal.contains("wrong-horse"))
        #expect(
            trouble(NatsSettings(urls: [server.url]))?.hasSuffix(
                "set `credentials` to the file that the server knows us by") == true)
        #expect(
            trouble(NatsSettings(urls: [server.url], credentials: path("none")))
                == "\(path("none")): the credentials cannot be read: No such file or directory")

        server.stop()
        try server.configure("authorization { token: right-horse }")
        try server.start()
        #expect(trouble(good) != nil)
        #expect(
            trouble(
                NatsSettings(urls: [server.url], credentials: try file("token", "right-horse\n")))
                == nil)
    }

    @Test("a .creds file of a user that an operator's account signed")
    func signedUser() throws {
        let tree = try SignedUsers()
        let server = try NatsServer(settings: tree.serverSettings)
        let good = try file("good.creds", try tree.credentials())
        #expect(trouble(NatsSettings(urls: [server.url], credentials: good)) == nil)
        let foreign = try file("foreign.creds", try SignedUsers().credentials())
        #expect(
            trouble(NatsSettings(urls: [server.url], credentials: foreign))?
                .contains(foreign) == true)
    }

    @Test("an account that may not make the stream says what to make")
    func notPermitted() throws {
        let server = try NatsServer(
            settings: """
                authorization { users: [
                    { user: admin, password: a }
                    { user: tocsin, password: b, permissions: {
                        publish: ["t.report.>", "$JS.API.STREAM.INFO.reports"], subscribe: "_INBOX.>" } }
                ] }
                """)
        let settings = NatsSettings(
            urls: [server.url], credentials: try file("tocsin", "tocsin\nb\n"))
        let refusal = try #require(trouble(settings))
        #expect(refusal.contains("make it with `nats stream add reports"))
        #expect(refusal.lowercased().contains("permissions violation"))
        let admin = NatsSettings(urls: [server.url], credentials: try file("admin", "admin\na\n"))
        #expect(trouble(admin) == nil)
        #expect(trouble(settings) == nil)
    }
}
