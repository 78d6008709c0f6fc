// SPDX-License-Identifier: Apache-2.0
internal import Reports

/// Where the events lie that correlations look at, for as long as one may name them.
struct EventPositions {
    private struct Place {
        let time: Int64
        let position: Report.Position
    }

    private var places: [String: Place] = [:]
    private var pruneAt = 1024

    subscript(event: String) -> Report.Position? { places[event]?.position }

    mutating func add(_ event: String, time: Int64, _ position: Report.Position) {
        places[event] = Place(time: time, position: position)
    }

    /// Forgets events before `horizon`, now and then: half of them at least are new by then.
    mutating func prune(before horizon: Int64) {
        guard places.count >= pruneAt else { return }
        places = places.filter { $0.value.time >= horizon }
        pruneAt = max(1024, 2 * places.count)
    }
}
