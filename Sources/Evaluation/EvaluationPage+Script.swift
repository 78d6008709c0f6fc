// SPDX-License-Identifier: Apache-2.0

extension EvaluationPage {
    /// Draws all from the report inside the page; texts go in as text, never as markup.
    static let script = #"""
        "use strict";
        const report = JSON.parse(document.getElementById("report").textContent);
        const percent = x => (100 * x).toFixed(100 * x < 1 && x > 0 ? 2 : 1) + " %";
        const find = id => document.getElementById(id);
        function html(tag, attributes, ...children) {
          const element = document.createElement(tag);
          for (const [name, value] of Object.entries(attributes || {}))
            if (name === "onclick") element.onclick = value; else element.setAttribute(name, value);
          element.append(...children);
          return element;
        }
        function svg(tag, attributes, ...children) {
          const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
          for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
          element.append(...children);
          return element;
        }
        function titled(element, text) { element.append(svg("title", {}, text)); return element; }

        // Bars: one group a line, three layers each, with whiskers.
        function bars(groups, limit) {
          const left = 300, width = 600, row = 46;
          const bottom = groups.length * row;
          const picture = svg("svg", { viewBox: `0 0 1120 ${bottom + 26}`, role: "img" });
          const scaled = share => width * Math.min(share / limit, 1);
          for (const step of [0, 0.25, 0.5, 0.75, 1].map(s => s * limit)) {
            const x = left + scaled(step);
            picture.append(
              svg("line", { x1: x, x2: x, y1: 0, y2: bottom, class: "axis" }),
              svg("text", { x, y: bottom + 16, "text-anchor": "middle" }, percent(step)));
          }
          groups.forEach((group, index) => {
            const top = index * row + 4;
            picture.append(
              svg("text", { x: group.isPart ? 18 : 0, y: top + 15,
                class: group.isPart ? "" : "name" }, group.name),
              svg("text", { x: group.isPart ? 18 : 0, y: top + 30 },
                `${group.layers.together.total} rows${group.note ? ", " + group.note : ""}`));
            ["patterns", "scores", "together"].forEach((layer, place) => {
              const share = group.layers[layer], y = top + place * 12;
              const bar = svg("rect", { x: left, y, width: Math.max(scaled(share.share), 1),
                height: 10, rx: 2, fill: `var(--${layer})` });
              picture.append(
                titled(bar, `${layer}: ${share.count} of ${share.total}`),
                svg("line", { x1: left + scaled(share.low), x2: left + scaled(share.high),
                  y1: y + 5, y2: y + 5, class: "whisker" }));
              if (layer === "together")
                picture.append(svg("text", { x: left + width + 14, y: top + 22, class: "strong" },
                  percent(share.share)),
                  svg("text", { x: left + width + 74, y: top + 22 },
                    `${percent(share.low)} to ${percent(share.high)}`));
            });
          });
          return picture;
        }

        function histogram(curve) {
          const kinds = [["benignBins", "--benign"], ["hardBenignBins", "--hard"],
            ["hazardBins", "--hazard"]];
          const picture = svg("svg", { viewBox: "0 0 250 170" });
          const count = curve.hazardBins.length, width = 230 / count;
          kinds.forEach(([name, colour], place) => {
            const bins = curve[name], total = bins.reduce((a, b) => a + b, 0);
            const highest = Math.max(...bins, 1), base = 50 * (place + 1);
            bins.forEach((value, index) => {
              if (!value) return;
              const height = Math.max(40 * value / highest, 1.2);
              picture.append(titled(svg("rect", { x: 10 + index * width, y: base - height,
                width: width - 0.6, height, fill: `var(${colour})` }),
                `${value} of ${total} rows`));
            });
            picture.append(svg("line", { x1: 10, x2: 240, y1: base, y2: base, class: "axis" }));
          });
          for (const threshold of curve.thresholds) {
            const x = 10 + 230 * place(threshold);
            picture.append(titled(svg("line", { x1: x, x2: x, y1: 4, y2: 150, class: "mark" }),
              `a rule fires from ${threshold} on`));
          }
          for (const score of [0.001, 0.02, 0.5, 0.98, 0.999])
            picture.append(svg("text", { x: 10 + 230 * place(score), y: 165,
              "text-anchor": "middle" }, String(score)));
          return picture;
        }
        const place = score => {
          const bounded = Math.min(Math.max(score, 1e-6), 1 - 1e-6);
          return Math.min(Math.max((Math.log(bounded / (1 - bounded)) / 8 + 1) / 2, 0), 1);
        };

        function precisionRecall(curve) {
          const picture = svg("svg", { viewBox: "0 0 250 170" });
          const x = recall => 30 + 210 * recall, y = precision => 145 - 135 * precision;
          for (const step of [0, 0.5, 1])
            picture.append(
              svg("line", { x1: x(0), x2: x(1), y1: y(step), y2: y(step), class: "axis" }),
              svg("line", { x1: x(step), x2: x(step), y1: y(0), y2: y(1), class: "axis" }),
              svg("text", { x: 26, y: y(step) + 4, "text-anchor": "end" }, String(step)),
              svg("text", { x: x(step), y: 160, "text-anchor": "middle" }, String(step)));
          picture.append(svg("polyline", { fill: "none", stroke: "var(--hazard)", "stroke-width": 2,
            points: curve.points.map(p => `${x(p.recall)},${y(p.precision)}`).join(" ") }));
          for (const threshold of curve.thresholds) {
            const point = curve.points.find(p => Math.abs(p.threshold - threshold) < 1e-4);
            if (point) picture.append(titled(svg("circle", { cx: x(point.recall),
              cy: y(point.precision), r: 5, class: "mark" }),
              `from ${threshold}: recall ${percent(point.recall)}, precision ` +
              `${percent(point.precision)}, benign ${percent(point.benign)}, looks near ` +
              percent(point.hardBenign)));
          }
          return picture;
        }

        // A table whose columns sort; numbers by size.
        function table(element, columns, rows) {
          let sorted = null, falling = false;
          const head = html("tr", {}), body = html("tbody", {});
          function fill(shown) {
            body.replaceChildren(...shown.map(row => html("tr", {}, ...columns.map(column =>
              html("td", { class: column.class || "" }, column.text(row))))));
          }
          let current = rows;
          function show(shown) {
            current = shown;
            const order = [...shown];
            if (sorted) order.sort((a, b) => {
              const [x, y] = [sorted.key(a), sorted.key(b)];
              return (x < y ? -1 : x > y ? 1 : 0) * (falling ? -1 : 1);
            });
            fill(order);
          }
          columns.forEach(column => head.append(html("th", { class: column.class || "" },
            html("button", { onclick: () => {
              falling = sorted === column ? !falling : false;
              sorted = column;
              for (const cell of head.children) cell.removeAttribute("aria-sort");
              head.children[columns.indexOf(column)].setAttribute("aria-sort",
                falling ? "descending" : "ascending");
              show(current);
            } }, column.name))));
          element.replaceChildren(html("thead", {}, head), body);
          show(rows);
          return show;
        }

        const rows = report.rows;
        find("summary").textContent = `${report.ruleCount} rules on ${rows.reported} rows; ` +
          `${rows.trainedOn} of ${rows.read} rows are known to the model and left out. ` +
          `Rules ${report.rulesDigest.slice(0, 12)}.`;
        find("bars").append(bars(report.recall.map(r => ({
          name: r.part === "all" ? `${r.category}, ${r.role}s` : r.part, isPart: r.part !== "all",
          layers: r.layers, note: r.part === "all" && r.recapture
            ? `${Math.round(r.recapture.missed)} missed by both, as estimated` : "" })), 1));
        find("assumptions").textContent = report.recaptureAssumptions;
        const alarms = report.falseAlarms.filter(a =>
          a.layers.together.count > 0 || a.rules === "any");
        const highest = Math.max(...alarms.map(a => a.layers.together.high), 0.001);
        find("alarms").append(bars(alarms.map(a => ({
          name: a.rules !== "any" ? `${a.rules} rules`
            : a.label === "benign" ? "benign" : `looks like ${a.category}`,
          isPart: a.rules !== "any", layers: a.layers })), Math.ceil(highest * 100) / 100));
        for (const curve of report.curves)
          find("curves").append(html("figure", {},
            html("figcaption", {}, curve.field, html("span", {}, ` ${curve.hazards} hazards` +
              (curve.thresholds.length ? `, fires from ${curve.thresholds.join(", ")}` : ""))),
            html("div", { style: "display:grid;grid-template-columns:1fr 1fr;gap:8px" },
              histogram(curve), precisionRecall(curve))));

        const notes = report.notes, hasText = notes.some(n => n.excerpt);
        const columns = [
          { name: "Kind", key: n => n.kind, text: n => n.kind },
          { name: "Category", key: n => n.category, text: n => n.category },
          { name: "Score", class: "number", key: n => n.score ?? -1,
            text: n => n.score === undefined ? "–" : n.score.toFixed(4) },
          { name: "Source", key: n => n.source, text: n => n.source },
          { name: "Row", class: "id", key: n => n.id, text: n => n.id },
          { name: "Rules", key: n => n.rules.join(), text: n => n.rules.join("; ") }];
        if (hasText) columns.push({ name: "Text", key: n => n.excerpt, text: n => n.excerpt });
        const shownMax = 500;
        const show = table(find("notes"), columns, []);
        find("kind").append(html("option", { value: "" }, "all kinds"),
          ...[...new Set(notes.map(n => n.kind))].map(k => html("option", { value: k }, k)));
        function filter() {
          const words = find("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
          const kind = find("kind").value;
          const found = notes.filter(n => (!kind || n.kind === kind) && words.every(word =>
            columns.some(c => c.text(n).toLowerCase().includes(word))));
          show(found.slice(0, shownMax));
          find("shown").textContent = found.length > shownMax
            ? `the first ${shownMax} of ${found.length} rows` : `${found.length} rows`;
        }
        find("filter").oninput = filter;
        find("kind").onchange = filter;
        filter();
        table(find("sources"), [
          { name: "Source", key: s => s.source, text: s => s.source },
          { name: "Label", key: s => s.label, text: s => s.label },
          { name: "Category", key: s => s.category, text: s => s.category },
          { name: "Role", key: s => s.role, text: s => s.role },
          { name: "Licence", key: s => s.licences.join(), text: s => s.licences.join(", ") },
          { name: "Rows", class: "number", key: s => s.layers.together.total,
            text: s => String(s.layers.together.total) },
          ...["patterns", "scores", "together"].map(layer => ({ name: layer, class: "number",
            key: s => s.layers[layer].share, text: s => percent(s.layers[layer].share) })),
          { name: "95 %", class: "number", key: s => s.layers.together.low, text: s =>
            `${percent(s.layers.together.low)} to ${percent(s.layers.together.high)}` }],
          report.sources);
        document.body.dataset.drawn = "yes";
        """#
}
