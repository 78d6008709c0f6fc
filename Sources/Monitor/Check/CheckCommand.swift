// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// `tocsin check`: whether the daemon could work here, and what to do where it could not.
///
/// It looks with the rights of the user that runs it; changes nothing.
package struct CheckCommand {
    private let path: String

    /// - Parameter path: The configuration file.
    package init(configuration path: String) { self.path = path }

    /// Prints what each part is found to be; whether nothing failed.
    package func run() -> Bool {
        let results = results
        for result in results { result.lines.forEach { print($0) } }
        let failures = results.filter { $0.outcome == .failed }.count
        print(failures == 0 ? "the daemon can work here" : "\(failures) failed")
        return failures == 0
    }

    private var results: [CheckResult] {
        let configuration: Configuration
        do throws(SettingsError) {
            configuration = try Configuration(path: path)
        } catch {
            return [.failed("configuration", error.description)]
        }
        return [.fine("configuration", path)]
            + [RuleCheck.result(configuration)] + HostCheck.user
            + HostCheck.logs(configuration.logs) + [HostCheck.state(configuration.state)]
            + [
                StoreCheck.result(configuration.state), JournalCheck.result,
                SocketCheck.result(configuration.socket),
            ]
    }
}

/// Rules and their tests.
enum RuleCheck {
    static func result(_ configuration: Configuration) -> CheckResult {
        do {
            let files = try RuleFiles(at: configuration.rules)
            let rules = try RuleSet(
                paths: configuration.rules, placeholders: configuration.placeholders)
            let tests = try RuleTests(rules).run()
            guard tests.isSuccess else {
                return .failed(
                    "rules", tests.rendered(showsPassed: false),
                    "mend the rules, or the tests in them")
            }
            let text = "\(rules.summary); all \(tests.testCount) tests passed" + layers(files)
            guard let warning = rules.warnings.first else { return .fine("rules", text) }
            let more = rules.warnings.count == 1 ? "" : " (and \(rules.warnings.count - 1) more)"
            return .doubtful("rules", text, "\(warning)\(more)")
        } catch {
            return .failed("rules", "\(error)", "the daemon does not start with these rules")
        }
    }

    private static func layers(_ files: RuleFiles) -> String {
        (files.overriding.map { "\n\($0) overrides a later folder's" }
            + files.masks.map { "\n\($0) switches its rule off" }).joined()
    }
}
