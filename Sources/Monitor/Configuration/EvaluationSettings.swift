// SPDX-License-Identifier: Apache-2.0
package import Interactions
package import TextViews

/// How records are read and what becomes of findings.
package struct EvaluationSettings: Sendable {
    package var shape = RecordShape.automatic
    /// In which views texts are searched beside as they are written.
    package var views = ViewSet.all
    package var evidence = EvidencePolicy.excerpt(bytes: 160)
    /// How much later than another of a later time a record may be read and still be correlated
    /// in its place.
    package var latenessSeconds = 10
    /// Reports of one rule within a minute, above which the others are counted in one report;
    /// 0 for no limit.
    package var floodLimit = 10_000
    /// The folder of the monitor's own log; nil where it writes none.
    package var canaryFolder: String?

    package init() {}
}
