// SPDX-License-Identifier: Apache-2.0

/// The requests whose responses are to come, by the keys of these; the oldest is forgotten
/// first, which costs the one look at both together and no text.
struct WaitingRequests: ~Copyable {
    private let limits: ResponseLimits
    private var table: RecencyTable<WaitingRequest?>
    private var totalBytes = 0
    /// By stream, how many wait.
    private var counts: [UInt64: Int] = [:]

    init(_ limits: ResponseLimits) {
        self.limits = limits
        table = RecencyTable(capacity: limits.responses, vacant: nil)
    }

    var isEmpty: Bool { table.count == 0 }

    mutating func add(_ request: WaitingRequest, key: UInt64) {
        _ = take(key)
        let bytes = request.gathered.cost
        guard bytes <= limits.requestBytes else { return }
        while table.isFull || totalBytes + bytes > limits.requestTotalBytes {
            guard let oldest = table.oldest else { return }
            _ = remove(oldest)
        }
        totalBytes += bytes
        counts[request.stream, default: 0] += 1
        table.insert(key, request)
    }

    /// Takes the request out that the response of this key answers.
    mutating func take(_ key: UInt64) -> WaitingRequest? { table.find(key).flatMap { remove($0) } }

    private mutating func remove(_ slot: Int) -> WaitingRequest? {
        guard let request = table[slot] else { return nil }
        table.remove(slot)
        totalBytes -= request.gathered.cost
        let count = (counts[request.stream] ?? 1) - 1
        counts[request.stream] = count == 0 ? nil : count
        return request
    }

    mutating func expire(now: Int64) {
        while let slot = table.oldest, let request = table[slot],
            now - request.time >= limits.timeoutMilliseconds
        {
            _ = remove(slot)
        }
    }

    mutating func removeAll() { while let slot = table.oldest { _ = remove(slot) } }

    mutating func forget(stream: UInt64) {
        var next = counts[stream] == nil ? nil : table.oldest
        while let slot = next {
            next = table.next(newerThan: slot)
            if table[slot]?.stream == stream { _ = remove(slot) }
        }
    }

    mutating func forgetFired() {
        var next = table.oldest
        while let slot = next {
            table[slot]?.firedRules = []
            next = table.next(newerThan: slot)
        }
    }

    /// Where the stream's oldest begins: they wait in the order of coming.
    func heldOffset(ofStream stream: UInt64) -> Int? {
        var next = counts[stream] == nil ? nil : table.oldest
        while let slot = next {
            if let request = table[slot], request.stream == stream { return request.offset }
            next = table.next(newerThan: slot)
        }
        return nil
    }
}
