// SPDX-License-Identifier: Apache-2.0

/// How OTLP's JSON writes attributes and values (opentelemetry-proto, common.proto).
extension Tape {
    /// What an `AnyValue` holds.
    enum OTLPValue {
        /// A value that stands at the index, to be rewritten in turn.
        case value(Int)
        /// A whole number, which proto3's JSON writes as a string.
        case integer(Int)
        case null
    }

    /// What the object holds when it is an `AnyValue`: it has one member, named by the type.
    func otlpValue(_ object: Int) -> OTLPValue? {
        let end = after(object) - 1
        let key = object + 1
        guard key < end, let text = string(key), after(key + 1) == end else { return nil }
        let value = key + 1
        switch name(of: text) {
        case .stringValue, .boolValue, .doubleValue, .bytesValue: return .value(value)
        case .intValue: return .integer(value)
        case .arrayValue, .kvlistValue:
            guard kind(value) == .object else { return nil }
            return member(.values, of: value).map { .value($0) } ?? .null
        default: return nil
        }
    }

    /// Whether the list is one of `{key, value}` objects.
    func isKeyValueList(_ list: Int) -> Bool {
        var hasOnlyPairs = after(list) - 1 > list + 1
        forEachElement(of: list) { element in
            guard hasOnlyPairs else { return }
            hasOnlyPairs =
                member(.key, of: element).map { kind($0) == .string } ?? false
                && memberCount(of: element) <= 2
        }
        return hasOnlyPairs
    }

    /// Whether an OTLP record is one of GenAI: by its event name, or an attribute's name, its
    /// own or of one of its events.
    func isGenAIRecord(_ record: Int) -> Bool {
        var isFound = false
        forEachMember(of: record) { key, value in
            guard !isFound else { return }
            switch name(of: key) {
            case .eventName: isFound = string(value).map { begins($0, "gen_ai.") } ?? false
            case .attributes: isFound = hasGenAIKey(value)
            case .events:
                forEachElement(of: value) { if !isFound { isFound = isGenAIRecord($0) } }
            case .name: isFound = string(value).map { begins($0, "gen_ai.") } ?? false
            default: break
            }
        }
        return isFound
    }

    private func hasGenAIKey(_ attributes: Int) -> Bool {
        var isFound = false
        forEachElement(of: attributes) { pair in
            guard !isFound, let key = member(.key, of: pair).flatMap(string) else { return }
            if begins(key, "gen_ai.") {
                isFound = true
            } else if name(of: key) == .dottedEventName, let value = member(.value, of: pair) {
                let text = member(.stringValue, of: value).flatMap(string)
                isFound = text.map { begins($0, "gen_ai.") } ?? false
            }
        }
        return isFound
    }

    /// The whole number that a text of digits is, with or without a minus sign.
    func integer(_ text: TextSlice) -> Int64? {
        let bytes = bytes(of: text)
        guard (1...20).contains(bytes.count) else { return nil }
        let isNegative = bytes[0] == UInt8(ascii: "-")
        guard !isNegative || bytes.count > 1 else { return nil }
        var value: Int64 = 0
        for index in (isNegative ? 1 : 0)..<bytes.count {
            guard (0x30...0x39).contains(bytes[index]) else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.subtractingReportingOverflow(Int64(bytes[index] - 0x30))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }
}
