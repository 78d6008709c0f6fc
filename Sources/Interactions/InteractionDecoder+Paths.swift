// SPDX-License-Identifier: Apache-2.0

/// A value at a path of the record.
package enum RecordValue: Sendable {
    case text(TextSlice)
    case number(Double)
    case boolean(Bool)
    case null
}

/// Paths of the current record, for rules that ask for what no field names.
///
/// A record's own attributes (OpenTelemetry's `attributes`) are looked into first, then the
/// record. Raw text has no paths.
extension InteractionDecoder {
    /// Calls `body` with each value at a path, once each, until it returns false; a list's
    /// elements are values of their own.
    package func forEachValue(at path: JSONPointer, _ body: (RecordValue) -> Bool) {
        visit(path) { tape, index in
            guard tape.isArray(index) else { return tape.value(index).map(body) ?? true }
            let end = tape.after(index) - 1
            var at = index + 1
            while at < end {
                if let value = tape.value(at), !body(value) { return false }
                at = tape.after(at)
            }
            return true
        }
    }

    /// Adds the strings that stand at a path of the record: one, or a list's.
    package func appendStrings(at path: JSONPointer, to slices: inout [TextSlice]) {
        forEachValue(at: path) {
            if case .text(let slice) = $0 { slices.append(slice) }
            return true
        }
    }

    /// The first number at a path of the record, or nil.
    package func number(at path: JSONPointer) -> Double? {
        var found: Double?
        forEachValue(at: path) {
            if case .number(let value) = $0 { found = value }
            return found == nil
        }
        return found
    }

    /// The first boolean at a path of the record, or nil.
    package func boolean(at path: JSONPointer) -> Bool? {
        var found: Bool?
        forEachValue(at: path) {
            if case .boolean(let value) = $0 { found = value }
            return found == nil
        }
        return found
    }

    /// Whether something other than null stands at a path of the record.
    package func hasValue(at path: JSONPointer) -> Bool {
        var isFound = false
        visit(path) { tape, index in
            isFound = tape.kind(index) != .null
            return !isFound
        }
        return isFound
    }

    /// Whether anything stands at a path of the record, null included.
    package func exists(at path: JSONPointer) -> Bool { visit(path) { _, _ in false } }

    @discardableResult
    private func visit(_ path: JSONPointer, _ body: (Tape, Int) -> Bool) -> Bool {
        guard let (tape, index) = record else { return false }
        if case .dotted = path.steps {
            for name: MemberName in [.attributes, .capitalAttributes] {
                guard let attributes = tape.member(name, of: index) else { continue }
                if tape.visit(path, from: attributes, { body(tape, $0) }) { return true }
            }
        }
        return tape.visit(path, from: index) { body(tape, $0) }
    }
}

extension Tape {
    /// The value at the index; nil for a list or an object.
    fileprivate func value(_ index: Int) -> RecordValue? {
        if let text = string(index) { return .text(text) }
        if let number = number(index) { return .number(number) }
        switch kind(index) {
        case .yes: return .boolean(true)
        case .no: return .boolean(false)
        case .null: return .null
        default: return nil
        }
    }
}
