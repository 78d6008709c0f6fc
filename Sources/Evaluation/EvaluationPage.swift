// SPDX-License-Identifier: Apache-2.0

/// An evaluation as one page for a browser: no network, no other file, opens from disk.
package struct EvaluationPage {
    private let json: String

    package init(_ report: EvaluationReport) throws {
        // The report is data inside a script element, which a "</script" in a text would end.
        json = try report.json.replacing("<", with: "\\u003c")
    }

    package var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy"
         content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
        <title>Tocsin evaluation</title>
        <style>
        \(Self.style)
        </style>
        </head>
        <body>
        <header><h1>What the rules catch and miss</h1><p id="summary"></p></header>
        <main>
        <section><h2>Recall by risk area</h2>
        <p>Hazards that rules of their own category catch, with 95 % intervals (Wilson).</p>
        <p class="key"><i class="patterns"></i>patterns <i class="scores"></i>scores
        <i class="together"></i>both together</p>
        <div id="bars"></div>
        <p id="assumptions" class="small"></p></section>
        <section><h2>False alarms</h2>
        <p>Rows without a hazard on which any rule fires: ordinary traffic, and what looks near.</p>
        <div id="alarms"></div></section>
        <section><h2>Scores</h2>
        <p>How each score tells hazards of its category from the rest. Left, how the rows are spread
        (each kind to its own height); right, precision against recall. A red line or ring is where
        a rule begins to fire.</p>
        <p class="key"><i class="hazard"></i>hazard <i class="hard"></i>looks near
        <i class="benign"></i>benign <i class="point"></i>operating point</p>
        <div id="curves"></div></section>
        <section><h2>Rows to read</h2>
        <p class="tools"><input id="filter" type="search" placeholder="filter: words of any column"
         aria-label="Filter rows"><select id="kind" aria-label="Kind"></select>
        <span id="shown"></span></p>
        <div class="wide"><table id="notes"></table></div></section>
        <section><h2>Sources</h2><div class="wide"><table id="sources"></table></div></section>
        </main>
        <script type="application/json" id="report">\(json)</script>
        <script>
        \(Self.script)
        </script>
        </body>
        </html>

        """
    }
}
