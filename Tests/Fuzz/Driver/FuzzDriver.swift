// SPDX-License-Identifier: Apache-2.0
import FuzzEntries
import Glibc

#if FUZZING
    /// Runs one input that libFuzzer made up, and ends the process where it shows a fault.
    @_cdecl("LLVMFuzzerTestOneInput")
    public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        let input = Array(UnsafeBufferPointer(start: bytes, count: count))
        if let fault = FuzzDriver.target.fault(with: input) { fatalError(fault) }
        return 0
    }

    /// libFuzzer's loop. It brings a `main` of its own too, but that of this module goes first.
    @_silgen_name("LLVMFuzzerRunDriver")
    private func runFuzzer(
        _ count: UnsafeMutablePointer<CInt>,
        _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
        _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
    ) -> CInt
#endif

/// `fuzz TARGET FILE…` runs the inputs in files and prints what they show to be wrong; built by
/// deploy/fuzz, `fuzz TARGET` takes libFuzzer's arguments and makes up inputs.
@main
enum FuzzDriver {
    /// Set once, before the first input.
    nonisolated(unsafe) static var target = FuzzTarget.gzip

    static func main() {
        target = targetNamed()
        #if FUZZING
            // What follows the target's name is for libFuzzer.
            var arguments = CommandLine.unsafeArgv + 1
            arguments[0] = CommandLine.unsafeArgv[0]
            var count = CommandLine.argc - 1
            exit(runFuzzer(&count, &arguments, testOneInput))
        #else
            exit(runFiles() ? 0 : 1)
        #endif
    }

    /// Runs the inputs in the files; whether none shows a fault.
    private static func runFiles() -> Bool {
        var isClean = true
        for path in CommandLine.arguments.dropFirst(2) {
            guard let input = bytes(of: path) else {
                fail("fuzz: \(path): cannot be read", status: 66)
            }
            guard let fault = target.fault(with: input) else { continue }
            print("\(path): \(fault)")
            isClean = false
        }
        return isClean
    }

    /// The target that the first argument names, if this build has it.
    static func targetNamed() -> FuzzTarget {
        let arguments = CommandLine.arguments
        guard let target = FuzzTarget(rawValue: arguments.count > 1 ? arguments[1] : "") else {
            let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: "|")
            fail("usage: fuzz \(names) FILE…", status: 64)
        }
        guard target.isKnown else { fail("fuzz: no \(target) in this build", status: 69) }
        return target
    }

    private static func bytes(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = piece.withUnsafeMutableBytes {
                read(descriptor, $0.baseAddress, $0.count)
            }
            guard count >= 0 else { return nil }
            if count == 0 { return bytes }
            bytes += piece[..<count]
        }
    }

    private static func fail(_ text: String, status: Int32) -> Never {
        let line = Array((text + "\n").utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        exit(status)
    }
}
