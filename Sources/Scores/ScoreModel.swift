// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Crypto

/// What a model file holds: the tables of both sides, and what they were made of.
///
/// ### Layout
///
///     tocsin-scores 2\n
///     {"features": …, "training": …, …}\n      for people and for `tocsin eval`
///     SHA-256 of all other bytes, hexadecimal\n
///     side count                               one byte
///     of each side, the request's first:
///       name                                   its length in one byte, its bytes
///       category count                         one byte
///       of each category: name, scale, bias    as above; 32-bit IEEE 754, little-endian
///       weights                                bucket by bucket, one signed byte a category
package struct ScoreModel: Sendable, Equatable {
    /// A JSON object in one line.
    package let about: String
    package let tables: [ScoreTable]

    package init(about: String, tables: [ScoreTable]) {
        precondition(!about.contains("\n"), "the description of a model is one line")
        self.about = about
        self.tables = tables
    }

    package func table(of side: ScoredSide) -> ScoreTable? {
        tables.first { $0.side == side }
    }

    fileprivate static let magic = "tocsin-scores 2"
    /// No model comes near; a file that claims to be larger is none.
    package static let fileBytesMax = 16 << 20
}

// MARK: The file

extension ScoreModel {
    /// The file's bytes: the same for the same model.
    package var fileBytes: [UInt8] {
        let head = Array("\(Self.magic)\n\(about)\n".utf8)
        var body: [UInt8] = [UInt8(tables.count)]
        for table in tables {
            body.append(name: table.side.rawValue)
            body.append(UInt8(table.categories.count))
            for category in table.categories {
                body.append(name: category.name)
                body.append(category.scale)
                body.append(category.bias)
            }
            for row in table.rows {
                for index in table.categories.indices {
                    body.append(UInt8(bitPattern: row[index]))
                }
            }
        }
        return head + Array("\(Self.digest(head, body))\n".utf8) + body
    }

    private static func digest(_ head: [UInt8], _ body: [UInt8]) -> String {
        var hash = SHA256()
        hash.update(data: head)
        hash.update(data: body)
        return Array(hash.finalize()).hexadecimal
    }

    /// Reads a file's bytes.
    ///
    /// - Throws: ``ModelFault`` when they are no model of this version, or damaged.
    package init(fileBytes: [UInt8]) throws(ModelFault) {
        var reader = ModelReader(bytes: fileBytes)
        guard try reader.line() == Self.magic else { throw .notAModel }
        about = try reader.line()
        let headEnd = reader.offset
        let told = try reader.line()
        let body = Array(fileBytes[reader.offset...])
        guard Self.digest(Array(fileBytes[..<headEnd]), body) == told else { throw .damaged }
        var tables: [ScoreTable] = []
        for _ in 0..<(try reader.byte()) { tables.append(try reader.table()) }
        guard reader.isAtEnd, Set(tables.map(\.side)).count == tables.count else {
            throw .damaged
        }
        self.tables = tables
    }
}

/// Why a file is no model that can be used.
package enum ModelFault: Error, Equatable, CustomStringConvertible {
    /// It does not begin as a model of this version does.
    case notAModel
    /// It is cut, or its digest does not fit what it holds.
    case damaged

    package var description: String {
        switch self {
        case .notAModel:
            "is no model that this version reads; make one with `tocsin train`"
        case .damaged:
            "is damaged: its digest does not fit; copy it again or make it with `tocsin train`"
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(name: String) {
        let bytes = Array(name.utf8.prefix(255))
        append(UInt8(bytes.count))
        append(contentsOf: bytes)
    }

    fileprivate mutating func append(_ number: Float) {
        for shift in [0, 8, 16, 24] as [UInt32] {
            append(UInt8(truncatingIfNeeded: number.bitPattern >> shift))
        }
    }
}

/// Takes a model's parts off a file's bytes; what is not there is damage.
private struct ModelReader {
    let bytes: [UInt8]
    private(set) var offset = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func line() throws(ModelFault) -> String {
        guard let end = bytes[offset...].firstIndex(of: UInt8(ascii: "\n")),
            let text = String(validating: bytes[offset..<end], as: UTF8.self)
        else { throw .notAModel }
        offset = end + 1
        return text
    }

    mutating func byte() throws(ModelFault) -> UInt8 {
        guard offset < bytes.count else { throw .damaged }
        defer { offset += 1 }
        return bytes[offset]
    }

    private mutating func name() throws(ModelFault) -> String {
        let count = Int(try byte())
        guard bytes.count - offset >= count,
            let text = String(validating: bytes[offset..<offset + count], as: UTF8.self)
        else { throw .damaged }
        offset += count
        return text
    }

    private mutating func number() throws(ModelFault) -> Float {
        var bits: UInt32 = 0
        for shift in [0, 8, 16, 24] as [UInt32] { bits |= UInt32(try byte()) << shift }
        let number = Float(bitPattern: bits)
        guard number.isFinite else { throw .damaged }
        return number
    }

    mutating func table() throws(ModelFault) -> ScoreTable {
        guard let side = ScoredSide(rawValue: try name()) else { throw .damaged }
        let count = Int(try byte())
        guard (1...ScoreTable.categoriesMax).contains(count) else { throw .damaged }
        var categories: [ScoreTable.Category] = []
        for _ in 0..<count {
            categories.append(
                ScoreTable.Category(name: try name(), scale: try number(), bias: try number()))
        }
        guard Set(categories.map(\.name)).count == count,
            bytes.count - offset >= count * TextFeatures.bucketCount
        else { throw .damaged }
        let rows = (0..<TextFeatures.bucketCount).map { bucket in
            var row = SIMD8<Int8>.zero
            for index in 0..<count {
                row[index] = Int8(bitPattern: bytes[offset + bucket * count + index])
            }
            return row
        }
        offset += count * TextFeatures.bucketCount
        return ScoreTable(side: side, categories: categories, rows: rows)
    }
}
