// SPDX-License-Identifier: Apache-2.0

/// Which files are open, the one used last at the end, and how many may be.
///
/// The limits keep a host with thousands of logs within the usual 1,024 descriptors, and the
/// decoders' memory within what a monitor may take. One file can take more by itself: a zstd
/// frame with a large window.
package struct OpenFiles {
    package static let usualLimit = 256
    private static let decoderLimitBytes = 32 << 20
    private let limit: Int
    private var order: [FileIdentity] = []

    init(limit: Int) { self.limit = limit }

    /// Notes that the file has just been used, or was let go.
    mutating func used(_ file: FileIdentity, isOpen: Bool) {
        if order.last == file, isOpen { return }
        order.removeAll { $0 == file }
        if isOpen { order.append(file) }
    }

    /// Closes files that were not used for the longest time until the limits hold; not the one
    /// used last.
    mutating func closeSome(
        _ followers: [FileIdentity: FileFollower]
    ) throws(TailStopped) {
        func bytes(_ file: FileIdentity) -> Int { followers[file]?.file?.memoryBytes ?? 0 }
        var decoderBytes = order.reduce(0) { $0 + bytes($1) }
        var excess = order.count - limit
        guard excess > 0 || decoderBytes > Self.decoderLimitBytes, let last = order.last else {
            return
        }
        for file in order where file != last {
            guard excess > 0 || decoderBytes > Self.decoderLimitBytes else { return }
            guard let follower = followers[file], follower.canPark else { continue }
            excess -= 1
            decoderBytes -= bytes(file)
            try follower.park()
            used(file, isOpen: false)
        }
    }
}
