// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Varlink

@Suite struct InterfaceTests {
    @Test("a definition is read whole, and kept as it was written")
    func wholeDefinition() throws {
        let interface = try VarlinkInterface(testInterface)
        #expect(interface.name == "org.example.test")
        #expect(interface.text == testInterface)
        #expect(interface.methods.count == 11)
        #expect(interface.types["Level"] == .enumeration(["low", "high"]))
        let places = interface.methods["Echo"]?.input.first { $0.name == "places" }
        #expect(places?.type == .maybe(.array(.named("Place"))))
        #expect(interface.errors["Broken"]?.map(\.name) == ["reason"])
    }

    @Test("definitions of systemd's and varlink's kind are read")
    func otherKinds() throws {
        let interface = try VarlinkInterface(
            """
            # What systemd writes: long comments, types after their use, an enumeration in place.\r
            interface io.systemd.Some-Thing2
            method Resolve (
                name: ?string, # the name
                ifindex :?int,flags: int
            ) -> (addresses: []ResolvedAddress, state: (up, down, going_down), extra: [string]())
            type ResolvedAddress(ifindex: ?int, address: []int, next: ?ResolvedAddress)
            type Nothing ()
            error NoNameServers() error Limit(bytes:int,by:[string](a: ?[]?[string](x, y)))
            """)
        #expect(interface.name == "io.systemd.Some-Thing2")
        let output = try #require(interface.methods["Resolve"]?.output)
        #expect(output[1].type == .enumeration(["up", "down", "going_down"]))
        #expect(output[2].type == .map(.structure([])))
        #expect(interface.types["Nothing"] == .structure([]))
        let nested = VarlinkType.maybe(.array(.maybe(.map(.enumeration(["x", "y"])))))
        #expect(
            interface.errors["Limit"]?[1].type
                == .map(.structure([VarlinkField(name: "a", type: nested)])))
    }

    /// Each wrong text and what its author is told.
    private static let faults: [(String, String)] = [
        ("", "line 1, column 1: 'interface' is expected, not the end"),
        ("Interface a.b", "line 1, column 1: 'interface' is expected, not 'Interface'"),
        (
            "interface one",
            "line 1, column 11: an interface's name such as 'org.example.name' is expected, not 'one'"
        ),
        (
            "interface a.-b",
            "line 1, column 11: an interface's name such as 'org.example.name' is expected, not 'a'"
        ),
        (
            "interface a.b\n\nfunction F() -> ()",
            "line 3, column 1: 'type', 'method' or 'error' is expected, not 'function'"
        ),
        (
            "interface a.b method get() -> ()",
            "line 1, column 22: a name of letters and digits that begins with a capital is expected, "
                + "not 'get'"
        ),
        ("interface a.b method Get() ()", "line 1, column 28: '->' is expected, not '('"),
        (
            "interface a.b method Get() -> (",
            "line 1, column 32: a field's name is expected, not the end"
        ),
        (
            "interface a.b\nmethod Get(a: strin) -> ()",
            "line 2, column 15: a type is expected, not 'strin'"
        ),
        ("interface a.b type T (a: []Lost)", "line 1, column 28: no type 'Lost' is declared"),
        ("interface a.b type T (a: ??int)", "line 1, column 26: '?' stands here twice"),
        (
            "interface a.b type T (a: int, a: int)",
            "line 1, column 31: the field 'a' stands here twice"
        ),
        ("interface a.b type T (a, b: int)", "line 1, column 27: ',' or ')' is expected, not ':'"),
        ("interface a.b type T (a)\ntype T (b)", "line 2, column 6: 'T' is declared twice"),
        (
            "interface a.b type T (a_: int)",
            "line 1, column 23: a field's name is expected, not 'a_'"
        ),
        ("interface a.b type T (a: int", "line 1, column 29: ',' or ')' is expected, not the end"),
        ("interface a.b type T (a b)", "line 1, column 25: ':', ',' or ')' is expected, not 'b'"),
        ("interface a.b type T (a: int b)", "line 1, column 30: ',' or ')' is expected, not 'b'"),
        (
            "interface a.b error E (x, y)",
            "line 1, column 23: parameters are expected here, each 'name: type'"
        ),
        ("interface a.b type T int", "line 1, column 22: '(' is expected, not 'int'"),
        (
            "interface a.b \u{e9}",
            "line 1, column 15: 'type', 'method' or 'error' is expected, not the byte 195"
        ),
        (
            "interface a.b type T (a: \(String(repeating: "[]", count: 70))int)",
            "line 1, column 152: types nested more than 64 deep"
        ),
    ]

    @Test("a wrong definition is told with its place and what was expected", arguments: 0..<22)
    func wrongDefinitions(index: Int) {
        let (text, told) = Self.faults[index]
        #expect(Self.faults.count == 22)
        do throws(InterfaceFault) {
            _ = try VarlinkInterface(text)
            Issue.record("was read: \(text)")
        } catch {
            #expect("\(error)" == told)
        }
    }

    @Test("a definition cut anywhere is read or refused, and never more")
    func cutDefinitions() {
        let bytes = Array(testInterface.utf8)
        for end in 0..<bytes.count {
            _ = try? VarlinkInterface(String(decoding: bytes[..<end], as: UTF8.self))
        }
    }
}
