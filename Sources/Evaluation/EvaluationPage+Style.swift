// SPDX-License-Identifier: Apache-2.0

extension EvaluationPage {
    /// Colours are told apart by people who see few (Okabe and Ito's), in light and in dark.
    static let style = """
        :root { --ink: #1b1f24; --soft: #5b6570; --line: #d9dee3; --card: #fff; --page: #f4f6f8;
          --patterns: #0072b2; --scores: #e69f00; --together: #009e73; --hazard: #d55e00;
          --hard: #cc79a7; --benign: #56b4e9; --point: #c00020; color-scheme: light dark; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --soft: #9aa5b0;
          --line: #38414a; --card: #1c2126; --page: #12161a; --point: #ff5a6e; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--ink);
          font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; }
        header, main { max-width: 1180px; margin: 0 auto; padding: 0 20px; }
        header { padding-top: 28px; }
        h1 { font-size: 26px; margin: 0; } h2 { font-size: 18px; margin: 0 0 4px; }
        p { margin: 4px 0 12px; color: var(--soft); } .small { font-size: 13px; }
        section { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
          padding: 18px 20px; margin: 18px 0; }
        .key i { display: inline-block; width: 11px; height: 11px; border-radius: 3px;
          margin: 0 5px 0 14px; } .key i:first-child { margin-left: 0; }
        i.patterns { background: var(--patterns); } i.scores { background: var(--scores); }
        i.together { background: var(--together); } i.hazard { background: var(--hazard); }
        i.hard { background: var(--hard); } i.benign { background: var(--benign); }
        i.point { border: 2px solid var(--point); border-radius: 50% !important; }
        svg { display: block; width: 100%; height: auto; }
        svg text { fill: var(--soft); font-size: 11px; } svg text.name { fill: var(--ink);
          font-size: 13px; } svg text.strong { fill: var(--ink); font-weight: 600; }
        .axis { stroke: var(--line); } .whisker { stroke: var(--ink); stroke-width: 1.2; }
        .mark { stroke: var(--point); stroke-width: 1.5; fill: none; }
        #curves { display: grid; gap: 18px; grid-template-columns:
          repeat(auto-fit, minmax(480px, 1fr)); }
        figure { margin: 0; } figcaption { font-weight: 600; }
        figcaption span { color: var(--soft); font-weight: 400; }
        .tools { display: flex; gap: 10px; align-items: center; flex-wrap: wrap; }
        input, select { font: inherit; padding: 5px 9px; border: 1px solid var(--line);
          border-radius: 6px; background: var(--page); color: var(--ink); }
        input { flex: 1 1 260px; }
        .wide { overflow-x: auto; max-height: 640px; overflow-y: auto; }
        table { border-collapse: collapse; width: 100%; font-size: 13px; }
        th, td { text-align: left; padding: 5px 9px; border-bottom: 1px solid var(--line);
          vertical-align: top; } td.number, th.number { text-align: right;
          font-variant-numeric: tabular-nums; white-space: nowrap; }
        th { position: sticky; top: 0; background: var(--card); white-space: nowrap; }
        th button { all: unset; cursor: pointer; font-weight: 600; }
        th button:focus-visible { outline: 2px solid var(--patterns); }
        td.id { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 12px; }
        """
}
