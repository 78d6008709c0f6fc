// SPDX-License-Identifier: Apache-2.0

// What reads these texts is internal to its module, and tests alone see that; so this is left
// out of release builds.
#if DEBUG
    internal import Correlation
    internal import Detection
    @testable internal import Monitor
    internal import Sigma
    @testable internal import Varlink

    /// Reads an input as a text that operators or callers write.
    enum TextChecks {
        static let isBuilt = true

        /// A configuration is read, or refused in one line that names the file.
        static func configurationFault(with input: FuzzInput) -> String? {
            guard let text = input.text else { return nil }
            do throws(SettingsError) {
                _ = try Configuration(file: "/fuzz/tocsin.yaml", text: text)
                return nil
            } catch {
                let line = error.description
                return line.hasPrefix("/fuzz/") && !line.unicodeScalars.contains { $0.value < 0x20 }
                    ? nil : "it says: \(line)"
            }
        }

        /// Rules are read and compiled, or refused with diagnostics; the same twice.
        static func rulesFault(with input: FuzzInput) -> String? {
            guard let text = input.text else { return nil }
            let parsed = parse(text)
            let told = parsed.diagnostics.map { $0.rendered() }
            if told != parse(text).diagnostics.map({ $0.rendered() }) {
                return "read again, other diagnostics"
            }
            guard !parsed.hasErrors else { return nil }
            do {
                _ = try DetectionPlan(parsed)
                _ = try CorrelationPlan(parsed.correlations)
            } catch {
                return "\(error)".isEmpty ? "refused without a word" : nil
            }
            return nil
        }

        private static func parse(_ text: String) -> ParseResult {
            parseRules(
                [RuleSource(file: "fuzz.yml", text: text)], fields: knownRuleFields,
                metadata: singleValueFields, placeholders: ["words": ["one", "two"]])
        }

        /// A message is read, or refused; what is read can be written and read again. An interface
        /// definition is read, or refused at a place in it.
        static func varlinkFault(with input: FuzzInput) -> String? {
            var reader = JSONReader()
            if let value = try? reader.read(input.bytes) {
                _ = try? CallMessage(value)
                _ = try? ReplyMessage(value)
                let written = JSONText.bytes(value)
                if written.contains(0) { return "a NUL in what is written" }
                guard let again = try? reader.read(written), again == value else {
                    return "written and read again, another value"
                }
            }
            guard let text = input.text else { return nil }
            do throws(InterfaceFault) {
                _ = try VarlinkInterface(text)
                return nil
            } catch {
                return error.line >= 1 && error.column >= 1 ? nil : "\(error)"
            }
        }
    }
#else
    /// Nothing to see in a release build.
    enum TextChecks {
        static let isBuilt = false
        static func configurationFault(with input: FuzzInput) -> String? { nil }
        static func rulesFault(with input: FuzzInput) -> String? { nil }
        static func varlinkFault(with input: FuzzInput) -> String? { nil }
    }
#endif
