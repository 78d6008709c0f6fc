// SPDX-License-Identifier: Apache-2.0

/// Where the known members of one object stand; of a name that stands twice, the first.
///
/// A handle into ``MemberIndexes``: finding a member costs one load.
@safe
struct Members {
    /// Indexes of the tape by `MemberName.rawValue`; 0, where no value stands, for what the
    /// object has not.
    private let places: UnsafeMutablePointer<UInt32>
    /// The names that are there, in the record's order.
    private let order: UnsafeMutablePointer<MemberName>
    let count: Int
    /// Some member's name begins with `gen_ai.`, known or not.
    let hasGenAI: Bool

    fileprivate init(
        _ tape: Tape, _ object: Int, in places: UnsafeMutablePointer<UInt32>,
        _ order: UnsafeMutablePointer<MemberName>
    ) {
        var hasGenAI = false
        var count = 0
        let end = tape.after(object) - 1
        var at = object + 1
        while at < end, let key = tape.string(at) {
            if let name = tape.name(of: key) {
                let ordinal = Int(name.rawValue)
                if unsafe places[ordinal] == 0 {
                    unsafe places[ordinal] = UInt32(at + 1)
                    unsafe order[count] = name
                    count += 1
                    if name.isGenAI { hasGenAI = true }
                }
            } else if !hasGenAI, tape.begins(key, "gen_ai.") {
                hasGenAI = true
            }
            at = tape.after(at + 1)
        }
        unsafe self.places = places
        unsafe self.order = order
        self.count = count
        self.hasGenAI = hasGenAI
    }

    /// Calls `body` with each known member and where its value stands.
    @inline(__always)
    func forEach(_ body: (_ name: MemberName, _ value: Int) -> Void) {
        for index in 0..<count {
            let name = unsafe order[index]
            body(name, unsafe Int(places[Int(name.rawValue)]))
        }
    }

    /// Where the member's value stands, or nil.
    subscript(name: MemberName) -> Int? {
        let place = unsafe places[Int(name.rawValue)]
        return place == 0 ? nil : Int(place)
    }
}

/// The memory of the ``Members`` that are in use while one record is read.
///
/// A stack: what a reader takes for a part of the record it gives back when it is done with
/// the part, so that it needs few, however many parts there are.
@safe
final class MemberIndexes {
    fileprivate static let names = MemberName.allCases.count
    /// The readers nest a record, its request and response with their bodies, its attributes
    /// and body, an event with its attributes and body, and metadata: eleven at most.
    private static let capacity = 16
    private let places: UnsafeMutablePointer<UInt32>
    private let orders: UnsafeMutablePointer<MemberName>
    /// How many names each index holds, and last how many indexes are taken; behind a pointer,
    /// since a class's own variables are checked for overlapping use at each access.
    private let counts: UnsafeMutablePointer<Int>

    var used: Int { unsafe counts[Self.capacity] }

    init() {
        unsafe places = .allocate(capacity: Self.capacity * Self.names)
        unsafe places.initialize(repeating: 0, count: Self.capacity * Self.names)
        unsafe orders = .allocate(capacity: Self.capacity * Self.names)
        unsafe orders.initialize(repeating: .messages, count: Self.capacity * Self.names)
        unsafe counts = .allocate(capacity: Self.capacity + 1)
        unsafe counts.initialize(repeating: 0, count: Self.capacity + 1)
    }

    deinit {
        unsafe places.deallocate()
        unsafe orders.deallocate()
        unsafe counts.deallocate()
    }

    /// Indexes the object at `index`; nil when none stands there.
    func index(_ tape: Tape, _ index: Int) -> Members? {
        guard tape.isObject(index) else { return nil }
        let used = used
        precondition(used < Self.capacity, "\(used) objects are indexed at once")
        release(to: used + 1)
        let places = unsafe places + used * Self.names
        let order = unsafe orders + used * Self.names
        // Only what the object before set is cleared.
        for number in 0..<(unsafe counts[used]) { unsafe places[Int(order[number].rawValue)] = 0 }
        let members = unsafe Members(tape, index, in: places, order)
        unsafe counts[used] = members.count
        return members
    }

    /// Gives back what was taken since so many were.
    func release(to used: Int) { unsafe counts[Self.capacity] = used }
}
