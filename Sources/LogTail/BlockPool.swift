// SPDX-License-Identifier: Apache-2.0
package import Bytes
internal import Synchronization

/// Line blocks that go round between the reader and the evaluator, so that steady reading
/// allocates none.
package final class BlockPool: Sendable {
    /// Bytes a block holds unless a line asks for more.
    package static let blockBytes = 512 << 10
    private static let keptBlocks = 8
    private let free = Mutex<[LineBlock]>([])

    package init() {}

    /// An empty block, of the usual size at least.
    package func take() -> LineBlock {
        let block = free.withLock { $0.popLast() } ?? LineBlock(capacity: Self.blockBytes)
        block.truncate(to: 0)
        block.content = .lines
        return block
    }

    /// Gives a block back; one that a long line made large is let go.
    package func giveBack(_ block: LineBlock) {
        guard block.capacity == Self.blockBytes else { return }
        free.withLock { if $0.count < Self.keptBlocks { $0.append(block) } }
    }
}
