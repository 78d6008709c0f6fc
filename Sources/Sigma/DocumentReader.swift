// SPDX-License-Identifier: Apache-2.0
internal import Yams

/// One YAML document of a rule file.
struct Document {
    let node: Node
    let context: ParseContext
}

/// Reads the documents of one file.
struct DocumentReader {
    private let context: ParseContext

    init(_ context: ParseContext) { self.context = context }

    func documents(in text: String) -> [Document] {
        // A byte order mark is no part of the text.
        let text = text.hasPrefix("\u{feff}") ? String(text.dropFirst()) : text
        if let offset = AliasBudget.excess(in: text) {
            context.report(.tooLarge, at: location(of: offset, in: text))
            return []
        }
        var read: [Document] = []
        do {
            var documents = try compose_all(yaml: text)
            while let node = documents.next() {
                // A document without anything is what stands behind a last `---`.
                if !node.isNull { read.append(Document(node: node, context: context)) }
            }
            if let error = documents.error { throw error }
        } catch let error as YamlError {
            report(error)
        } catch {
            context.report(.notYAML("it cannot be read"), at: context.location(nil))
        }
        return read
    }

    private func location(of offset: Int, in text: String) -> SourceLocation {
        let before = text.utf8.prefix(offset)
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map(before.index(after:))
        let line = before[(lineStart ?? before.startIndex)...]
        return SourceLocation(
            file: context.file, line: before.count { $0 == UInt8(ascii: "\n") } + 1,
            column: Substring(line).unicodeScalars.count + 1)
    }

    private func report(_ error: YamlError) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            context.report(.notYAML(problem), at: context.location(mark))
        case .duplicatedKeysInMapping(let duplicates, let duplicateContext):
            let key = duplicates.first
            context.report(
                .duplicateKey(key.map { "\($0)" } ?? "?"),
                at: context.location(duplicateContext.mark))
        case .reader(let problem, _, _, _):
            context.report(.notYAML(problem), at: context.location(nil))
        default:
            context.report(.notYAML("it cannot be read"), at: context.location(nil))
        }
    }
}
