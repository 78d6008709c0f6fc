// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Which file on disk a name leads to.
struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}

/// What `stat(2)` says of a file that changes whenever its content does.
struct FileStamp: Equatable, Sendable {
    let sizeBytes: Int
    private let modified: Int
    private let changed: Int

    init(_ status: stat) {
        sizeBytes = Int(status.st_size)
        modified = Self.nanoseconds(status.st_mtim)
        changed = Self.nanoseconds(status.st_ctim)
    }

    /// Of an open file; nil when the system does not say.
    init?(descriptor: Int32) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    private static func nanoseconds(_ time: timespec) -> Int {
        time.tv_sec &* 1_000_000_000 &+ time.tv_nsec
    }

    /// Older files come first.
    func isOlder(than other: FileStamp) -> Bool { modified < other.modified }
}

/// Some bytes of a file as they were read: its first, and those before where reading stands.
///
/// A file that holds others there was overwritten, or is another file that got the inode.
struct FileMarks: Sendable {
    private var head: [UInt8] = []
    private var tail: [UInt8] = []
    private var tailEnd = 0
    private static let headBytes = 256
    static let tailBytes = 256

    /// The file's first bytes, 256 at most.
    var firstBytes: [UInt8] { head }

    /// Notes the first bytes that the file holds now, where that are more than were known.
    mutating func extendHead(_ descriptor: Int32) {
        guard head.count < Self.headBytes else { return }
        head = RawBytes.read(descriptor, at: 0, count: Self.headBytes) ?? head
    }

    /// Notes the bytes that end where reading stands.
    mutating func setTail(_ bytes: [UInt8], end: Int) {
        tail = bytes
        tailEnd = end
    }

    /// Whether the file still holds these bytes.
    func stand(in descriptor: Int32) -> Bool {
        RawBytes.stand(head, in: descriptor, at: 0)
            && RawBytes.stand(tail, in: descriptor, at: tailEnd - tail.count)
    }
}

/// Bytes of an open file at a place, apart from reading on in it.
enum RawBytes {
    /// The bytes that there are, `count` at most; nil when the file cannot be read.
    static func read(_ descriptor: Int32, at offset: Int, count: Int) -> [UInt8]? {
        var failed = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let result = unsafe pread(descriptor, buffer.baseAddress, count, off_t(offset))
            failed = result < 0
            initialized = max(0, result)
        }
        return failed ? nil : bytes
    }

    static func stand(_ expected: [UInt8], in descriptor: Int32, at offset: Int) -> Bool {
        expected.isEmpty || read(descriptor, at: offset, count: expected.count) == expected
    }
}
