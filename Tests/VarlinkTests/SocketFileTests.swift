// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Varlink

/// Where a server listens.
@Suite struct SocketFileTests {
    private let service = VarlinkService(
        VarlinkServiceInfo(vendor: "", product: "", version: "", url: "", domain: "org.example"))

    /// What a server at this path says of why it cannot be.
    private func fault(_ path: String) -> String {
        do throws(VarlinkServerError) {
            try VarlinkServer(service, at: .path(path)).stop()
            return ""
        } catch {
            return "\(error)"
        }
    }

    private func mode(_ path: String) -> UInt32 {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    @Test("the file has the mode that is wanted, and goes with the server")
    func lifetime() throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/socket"
        let server = try VarlinkServer(service, at: .path(path))
        #expect(mode(path) == 0o666)
        server.stop()
        #expect(access(path, F_OK) != 0)
        let narrow = try VarlinkServer(service, at: .path(path, mode: 0o600))
        #expect(mode(path) == 0o600)
        narrow.stop()
    }

    @Test("a file that nobody serves any more is replaced, one that is served is not")
    func staleFile() throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/socket"
        let stale = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let address = try #require(UnixAddress(path: path))
        #expect(address.withPointer { bind(stale, $0, $1) } == 0)
        close(stale)
        let server = try VarlinkServer(service, at: .path(path))
        #expect(
            fault(path)
                == "\(path): another process serves this socket; stop it or choose another path")
        _ = try RawConnection(path)
        server.stop()
    }

    @Test("a server leaves a file that has taken the place of its own")
    func replacedFile() throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/socket"
        let first = try VarlinkServer(service, at: .path(path))
        unlink(path)
        let second = try VarlinkServer(service, at: .path(path))
        first.stop()
        _ = try RawConnection(path)
        second.stop()
    }

    @Test("a path that cannot be is told with what to do")
    func wrongPaths() throws {
        let scratch = try Scratch()
        let file = "\(scratch.path)/file"
        try Data().write(to: URL(fileURLWithPath: file))
        #expect(
            fault(file)
                == "\(file): a file that is no socket stands there; remove it or choose another path"
        )
        #expect(access(file, F_OK) == 0)
        let lost = "\(scratch.path)/lost/socket"
        #expect(
            fault(lost) == "\(lost): bind: No such file or directory; create the directory above it"
        )
        let long = "/tmp/\(String(repeating: "x", count: 103))"
        #expect(fault(long) == "\(long): a socket's path has 1 to 107 bytes; choose another")
    }

    @Test("a listening socket that was handed over is served, any other descriptor is refused")
    func passedSocket() throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/socket"
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let address = try #require(UnixAddress(path: path))
        #expect(address.withPointer { bind(listener, $0, $1) } == 0)
        do throws(VarlinkServerError) {
            _ = try VarlinkServer(service, at: .descriptor(listener))
            Issue.record("a socket that does not listen is served")
        } catch {
            #expect(
                "\(error)" == "descriptor \(listener): is no listening Unix stream socket")
        }
        #expect(listen(listener, 5) == 0)
        let server = try VarlinkServer(service, at: .descriptor(listener))
        let info: JSONValue = try VarlinkClient(path: path).call("org.varlink.service.GetInfo")
        #expect(info["interfaces"] != nil)
        server.stop()
        // The file is whose who made the socket.
        #expect(access(path, F_OK) == 0)
        #expect(VarlinkAddress.passed(named: "varlink") == nil)
    }
}
