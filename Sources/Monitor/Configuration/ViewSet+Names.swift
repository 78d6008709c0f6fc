// SPDX-License-Identifier: Apache-2.0
internal import Sigma
internal import TextViews

extension ViewSet {
    /// Reads names as the configuration and the command line give them: views, or `none`.
    ///
    /// - Parameter fault: Makes the error of a message.
    init<Failure: Error>(
        names: [String], fault: (String) -> Failure
    ) throws(Failure) {
        self = []
        if names == ["none"] { return }
        for name in names {
            guard let view = Self.named.first(where: { $0.name == name }) else {
                let known = Self.named.map(\.name) + ["none"]
                let hint = nearestName(to: name, in: known).map { "; did you mean `\($0)`?" } ?? ";"
                throw fault(
                    "there is no view `\(name)`\(hint) there are \(known.joined(separator: ", "))")
            }
            insert(view.view)
        }
    }

    private static let named: [(name: String, view: ViewSet)] = [
        ("folded", .folded), ("joined", .joined), ("decoded", .decoded),
    ]
}
