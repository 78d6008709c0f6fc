// SPDX-License-Identifier: Apache-2.0

/// The known name that is nearest to one that was probably mistyped, or nil when none is near.
///
/// Near is an edit distance of a third of the name's length, two at least, and one where the name
/// has three letters or less.
package func nearestName(to name: String, in known: [String]) -> String? {
    let limit = name.count <= 3 ? 1 : max(2, name.count / 3)
    let nearest = known.lazy
        // As many letters differ at least as the lengths do.
        .filter { abs($0.count - name.count) <= limit }
        .map { ($0, editDistance(name.lowercased(), $0.lowercased())) }
        .min { $0.1 < $1.1 }
    guard let nearest, nearest.1 <= limit else { return nil }
    return nearest.0
}

/// How many characters must be put in, left out or changed to make one text of the other
/// (Levenshtein); exchanging two neighbours counts once.
func editDistance(_ left: String, _ right: String) -> Int {
    let (first, second) = (Array(left), Array(right))
    var beforeLast: [Int] = []
    var last = Array(0...second.count)
    for row in 0..<first.count {
        var current = [row + 1]
        for column in 0..<second.count {
            let isSame = first[row] == second[column]
            var cost = min(
                last[column] + (isSame ? 0 : 1), last[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, first[row] == second[column - 1],
                first[row - 1] == second[column]
            {
                cost = min(cost, beforeLast[column - 1] + 1)
            }
            current.append(cost)
        }
        beforeLast = last
        last = current
    }
    return last[second.count]
}
