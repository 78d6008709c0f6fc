// SPDX-License-Identifier: Apache-2.0

/// The conditions of all rules as one flat list of nodes, each before its parts.
///
///     rule 0: and(a, not(b))      rule 1: or(a, c, field 0)       field 0: or(d, e)
///     ┌─────┬─────┬─────┬─────┐   ┌─────┬─────┬─────┬─────────┐   ┌─────┬─────┬─────┐
///     │ and │  a  │ not │  b  │   │ or  │  a  │  c  │ field 0 │   │ or  │  d  │  e  │
///     └─────┴─────┴─────┴─────┘   └─────┴─────┴─────┴─────────┘   └─────┴─────┴─────┘
///     end: 4     2     4     4          8     6     7         8         11    10    11
///
/// `end` is the index after a node's last part, so that a part is stepped over without looking
/// into it, and working a condition out follows no pointer and counts no reference. What defines
/// a derived field stands once, however many conditions use it: its nodes are worked out once a
/// turn.
struct ConditionCode: Sendable {
    enum Kind: UInt8, Sendable {
        case atom, and, or, not
        /// The definition of a derived field.
        case definition
    }

    struct Node: Sendable {
        var kind: Kind
        /// An atom; of a list of patterns the atom that is true when one of them is, or -1;
        /// the number of a definition.
        var value: Int32
        var end: Int32
    }

    private(set) var nodes: [Node] = []
    /// By rule: its condition's first node.
    private(set) var starts: [Int] = []
    /// By definition: its first node.
    private(set) var definitions: [Int] = []

    /// A condition over atoms while rules are compiled.
    indirect enum Tree {
        case atom(Int)
        case and([Tree])
        /// - Parameter isAny: The atom that is true when one of the parts is, where all of them
        ///   are patterns of one field.
        case or([Tree], isAny: Int?)
        case not(Tree)
        case definition(Int)
    }

    /// - Parameter definitions: By number; they may hold one another, but not themselves.
    init(rules: [Tree], definitions: [Tree]) {
        for tree in rules {
            starts.append(nodes.count)
            add(tree)
        }
        for tree in definitions {
            self.definitions.append(nodes.count)
            add(tree)
        }
    }

    private mutating func add(_ tree: Tree) {
        switch tree {
        case .atom(let atom): add(.atom, value: atom, [])
        case .and(let parts): add(.and, parts)
        case .or(let parts, let any): add(.or, value: any ?? -1, parts)
        case .not(let part): add(.not, [part])
        case .definition(let number): add(.definition, value: number, [])
        }
    }

    private mutating func add(_ kind: Kind, value: Int = -1, _ parts: [Tree]) {
        let index = nodes.count
        nodes.append(Node(kind: kind, value: Int32(value), end: 0))
        for part in parts { add(part) }
        nodes[index].end = Int32(nodes.count)
    }

    /// Where what the node means stands: of a definition its own first node.
    func body(of index: Int) -> Int {
        var index = index
        while nodes[index].kind == .definition { index = definitions[Int(nodes[index].value)] }
        return index
    }

    /// The indices of a node's parts.
    func parts(of index: Int) -> [Int] {
        var parts: [Int] = []
        var part = index + 1
        while part < nodes[index].end {
            parts.append(part)
            part = Int(nodes[part].end)
        }
        return parts
    }
}
