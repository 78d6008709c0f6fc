// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// The machine that the monitor runs on.
enum Host {
    /// As reports name it.
    static var name: String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    }
}
