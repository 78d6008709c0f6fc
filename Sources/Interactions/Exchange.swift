// SPDX-License-Identifier: Apache-2.0

/// The members of a record that logs a request with its response: bare, or each under its name.
struct Exchange {
    let root: Members
    /// What stands under `request`, or under `request.body`.
    let request: Members?
    /// What stands under `response`, or under `response.body`.
    let response: Members?

    /// Where a member of the request stands.
    func asked(_ name: MemberName) -> Int? { request?[name] ?? root[name] }

    /// Where a member of the response stands.
    func answered(_ name: MemberName) -> Int? { response?[name] ?? root[name] }
}

extension ShapeReader {
    /// The exchange that the record logs; nil when no object stands at `index`.
    func exchange(_ index: Int) -> Exchange? {
        guard let root = members(index) else { return nil }
        return Exchange(
            root: root, request: root[.request].flatMap(side),
            response: root[.response].flatMap(side))
    }

    private func side(_ index: Int) -> Members? {
        guard let members = self.members(index) else { return nil }
        return members[.body].flatMap(self.members) ?? members
    }
}
