// SPDX-License-Identifier: Apache-2.0
internal import Bytes
internal import Interactions
internal import TextViews

/// A part of the texts that were searched, spread evenly over all of them.
package struct TextSample {
    struct Element {
        /// Nil for raw text, which is searched for what is asked of any field.
        let field: TextField?
        /// The text, and what is derived from it.
        let views: [[UInt8]]

        var bytes: Int { views.reduce(0) { $0 + $1.count } }
    }

    private(set) var elements: [Element] = []
    private let limitBytes: Int
    /// Of the elements.
    package private(set) var bytes = 0
    /// One of so many texts is taken; doubled whenever the sample is full.
    private var stride = 1
    private var seenTexts = 0
    private var seenBytes = 0

    init(limitBytes: Int) { self.limitBytes = limitBytes }

    /// How many times as many bytes were searched as the sample holds.
    package var scale: Double {
        let taken = elements.reduce(0) { $0 + $1.views[0].count }
        return taken > 0 ? Double(seenBytes) / Double(taken) : 1
    }

    /// Counts a text and takes it into the sample when it is its turn.
    mutating func see(_ text: Span<UInt8>, of field: TextField?, _ views: TextViews) {
        defer { seenTexts += 1 }
        seenBytes += text.count
        guard seenTexts % stride == 0 else { return }
        var all = [text.copied()]
        views.forEachDerived(of: text) { all.append($1.copied()) }
        elements.append(Element(field: field, views: all))
        bytes += elements[elements.count - 1].bytes
        while bytes > limitBytes, elements.count > 1 { thinOut() }
    }

    private mutating func thinOut() {
        stride *= 2
        elements = elements.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        bytes = elements.reduce(0) { $0 + $1.bytes }
    }
}
