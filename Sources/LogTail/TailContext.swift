// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Decompression

/// What all files of a reader share.
struct TailContext {
    let inflater: Inflater
    let timing: TailTiming
    let pool: BlockPool
    let events: any TailEvents
    let buffer = RawBuffer()
    let searchScratch = LineBlock(capacity: StreamSearch.firstLineBytes)
}
