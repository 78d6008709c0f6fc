// SPDX-License-Identifier: Apache-2.0

/// The conditions of all rules as one flat list of nodes, each before its parts.
///
///     rule 0: and(a, not(b))      rule 1: or(a, c)
///     ┌─────┬─────┬─────┬─────┐   ┌─────┬─────┬─────┐
///     │ and │  a  │ not │  b  │   │ or  │  a  │  c  │
///     └─────┴─────┴─────┴─────┘   └─────┴─────┴─────┘
///     end: 4     2     4     4          7     6     7
///
/// `end` is the index after a node's last part, so that a part is stepped over without looking
/// into it, and working a condition out follows no pointer and counts no reference.
struct ConditionCode: Sendable {
    enum Kind: UInt8, Sendable {
        case atom, and, or, not
    }

    struct Node: Sendable {
        var kind: Kind
        var atom: Int32
        var end: Int32
    }

    private(set) var nodes: [Node] = []
    /// By rule: its condition's first node.
    private(set) var starts: [Int] = []

    /// A condition over atoms while rules are compiled.
    indirect enum Tree {
        case atom(Int)
        case and([Tree])
        case or([Tree])
        case not(Tree)
    }

    /// Adds the next rule's condition.
    mutating func append(_ tree: Tree) {
        starts.append(nodes.count)
        add(tree)
    }

    private mutating func add(_ tree: Tree) {
        let index = nodes.count
        switch tree {
        case .atom(let atom): nodes.append(Node(kind: .atom, atom: Int32(atom), end: 0))
        case .and(let parts): add(.and, parts)
        case .or(let parts): add(.or, parts)
        case .not(let part): add(.not, [part])
        }
        nodes[index].end = Int32(nodes.count)
    }

    private mutating func add(_ kind: Kind, _ parts: [Tree]) {
        nodes.append(Node(kind: kind, atom: -1, end: 0))
        for part in parts { add(part) }
    }

    /// Works out the condition at `index`, asking `holds` for atoms, from left to right and no
    /// further than needed.
    func evaluate(_ index: Int, _ holds: (Int) -> Bool) -> Bool {
        let node = nodes[index]
        switch node.kind {
        case .atom: return holds(Int(node.atom))
        case .not: return !evaluate(index + 1, holds)
        case .and, .or:
            let isOr = node.kind == .or
            var part = index + 1
            while part < node.end {
                if evaluate(part, holds) == isOr { return isOr }
                part = Int(nodes[part].end)
            }
            return !isOr
        }
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
