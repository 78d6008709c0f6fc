// SPDX-License-Identifier: Apache-2.0
internal import CLinux

/// What the C library keeps of the memory that this process freed.
///
/// Loading rules takes some 25 MB for a second, of which 7 stay. Left alone, glibc keeps most of
/// the rest: in pieces between what stays, once for each thread that ever loaded rules (decision
/// 0020).
enum ProcessMemory {
    /// A piece from this size on has pages of its own, which go back as soon as it is freed. Set,
    /// because glibc raises its own limit to the largest piece that was ever freed.
    private static let ownPagesBytes: CInt = 256 << 10

    /// Sets how memory is kept; called before there is a second thread.
    ///
    /// All threads take from one arena: what one has freed, another uses again.
    static func keepLittle() {
        mallopt(M_ARENA_MAX, 1)
        mallopt(M_MMAP_THRESHOLD, ownPagesBytes)
    }

    /// Gives free pages back to the system, those between used ones too.
    ///
    /// - Complexity: A look at each free piece; some milliseconds after rules were loaded.
    static func giveBack() { malloc_trim(0) }
}
