// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import Testing

@testable import Varlink

/// `org.varlink.certification`: each call must bring what the reply before it gave.
final class CertificationService: Sendable {
    let service: VarlinkService
    let called: Mutex<[String]>

    static let methods = ["Start"] + (1...9).map { "Test0\($0)" } + ["Test10", "Test11", "End"]

    /// The replies, from `Start` to `Test09`, written as JSON.
    private static let replies = [
        #"{"client_id":"one"}"#, #"{"bool":true}"#, #"{"int":1}"#, #"{"float":1.5}"#,
        #"{"string":"ping"}"#, #"{"bool":false,"int":2,"float":3.25,"string":"a lot of string"}"#,
        #"{"struct":{"bool":false,"int":2,"float":3.25,"string":"a lot of string"}}"#,
        #"{"map":{"foo":"Foo","bar":"Bar"}}"#, #"{"set":{"one":{},"two":{},"three":{}}}"#,
        #"""
        {"mytype":{"object":{"method":"a","parameters":{"x":[1,null]}},"enum":"two",
        "struct":{"first":1,"second":"2"},"array":["one","two"],"dictionary":{"foo":"Foo"},
        "stringset":{"one":{}},
        "interface":{"foo":[null,{"foo":"foo","bar":"bar"},null,{"one":"foo"}],
        "anon":{"foo":true,"bar":false}}}}
        """#,
    ]

    init() throws {
        let replies = try Self.replies.map { text in
            var reader = JSONReader()
            return try #require(try reader.read(Array(text.utf8)).members)
        }
        var service = VarlinkService(
            VarlinkServiceInfo(
                vendor: "Example", product: "Certification", version: "1", url: "",
                domain: "org.example"))
        try service.add(
            interface: PythonPeer.file("tests/org.varlink.certification.varlink"))
        let log = Log()
        let prefix = "org.varlink.certification."
        for (index, name) in Self.methods.prefix(10).enumerated() {
            service.handle("\(prefix)\(name)") { (call, _: JSONValue) in
                try log.note(name, call, wants: index == 0 ? nil : replies[index - 1])
                return JSONValue.object(replies[index])
            }
        }
        service.stream("\(prefix)Test10") {
            (call, _: JSONValue, stream: VarlinkReplyStream<JSONValue>) in
            try log.note("Test10", call, wants: replies[9])
            for number in 1..<10 { _ = try stream.send(Self.text(number)) }
            try stream.finish(Self.text(10))
        }
        service.handle("\(prefix)Test11") { (call, _: JSONValue) in
            let texts = (1...10).compactMap { Self.text($0)["string"] }
            try log.note(
                call.isOneway ? "Test11" : "no oneway", call,
                wants: ["last_more_replies": .array(texts)])
            return NoParameters()
        }
        service.handle("\(prefix)End") { (call, _: JSONValue) in
            try log.note("End", call, wants: [:])
            return JSONValue.object(["all_ok": .bool(true)])
        }
        self.service = service
        called = Mutex([])
        log.owner.withLock { $0 = self }
    }

    private static func text(_ number: Int) -> JSONValue {
        .object(["string": .string("Reply number \(number)")])
    }

    /// Notes the calls and compares what they bring.
    private final class Log: Sendable {
        let owner = Mutex<CertificationService?>(nil)

        func note(_ name: String, _ call: VarlinkCall, wants: [String: JSONValue]?) throws {
            var wanted = wants ?? [:]
            if wants != nil { wanted["client_id"] = .string("one") }
            guard call.parameters == wanted else {
                throw VarlinkError(
                    "org.varlink.certification.CertificationError",
                    ["wants": .object(wanted), "got": .object(call.parameters)])
            }
            owner.withLock { $0 }?.called.withLock { $0.append(name) }
        }
    }
}
