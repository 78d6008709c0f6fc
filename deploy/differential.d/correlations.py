# SPDX-License-Identifier: Apache-2.0
"""Generated correlations of every type over generated logs, and their comparison.

The oracle's query tells every window that qualifies. What Tocsin reports of them is its own rule,
applied here: of a correlation and a group the first by its end, then the next that begins after
the end of the one reported last.
"""

from __future__ import annotations

import itertools
import json
import random
import uuid
from dataclasses import dataclass, replace
from typing import Any, Callable, Iterator

import peers
from compare import indented
from model import NAMESPACE, Event, to_yaml
from shrink import fewest

Windows = set[tuple[tuple[tuple[str, str], ...], float]]
Document = dict[str, Any]

START = 1_780_000_000
SPANS = {"10s": 10, "1m": 60, "5m": 300}
MODEL, CONVERSATION = "gen_ai.request.model", "gen_ai.conversation.id"


@dataclass(frozen=True)
class Case:
    """Base rules, the correlations over them, and a log in the order of its times."""

    documents: list[Document]
    events: list[Event]
    order: list[int]
    lateness_seconds: int


def _base(number: int, values: list[str]) -> Document:
    return {
        "title": f"Base {number}",
        "id": str(uuid.uuid5(NAMESPACE, f"base {number}")),
        "name": f"base_{number}",
        "status": "test",
        "logsource": {"category": "ai_interaction"},
        "detection": {"selection": {"label": values}, "condition": "selection"},
        "level": "low",
    }


def _bounds(
    chance: random.Random, least: int, most: int, whole: bool, may_be_range: bool = True
) -> dict[str, Any]:
    """One comparison that can hold, or a range; a fraction is never met to the last bit."""
    value = chance.randint(least, most) if whole else chance.randint(least, most) + 0.37
    if may_be_range and chance.random() < 0.25:
        return {"gte": value, "lt": value + (2 if whole else 9)}
    order = chance.choice(["gte", "gte", "gt", "lt", "lte"] + (["eq", "neq"] if whole else []))
    if whole and order in ("gt", "lt"):
        value += -1 if order == "gt" else 1
    return {order: value}


def _extended(chance: random.Random, names: list[str], depth: int = 2) -> str:
    if depth == 0 or chance.random() < 0.3:
        name = chance.choice(names)
        return f"not {name}" if chance.random() < 0.25 else name
    joiner = chance.choice([" and ", " and ", " or "])
    parts = [_extended(chance, names, depth - 1) for _ in range(2)]
    return "(" + joiner.join(parts) + ")"


def _can_be_met(condition: str, names: list[str]) -> bool:
    """Whether some findings meet it, and none do not (docs/DIFFERENTIAL.md)."""
    held = [
        # The names, `and`, `or`, `not` and brackets mean the same in Python.
        bool(eval(condition, {}, dict(zip(names, found))))
        for found in itertools.product([False, True], repeat=len(names))
    ]
    return any(held) and not held[0]


def _correlation(chance: random.Random, number: int, names: list[str]) -> Document:
    kinds = ["event_count", "value_count", "temporal", "temporal_ordered", "extended"]
    kinds += ["value_sum", "value_avg", "value_percentile", "value_median"]
    kind = chance.choice(kinds)
    rules = chance.sample(names, chance.randint(1, min(3, len(names))))
    if kind.startswith("temporal") or kind == "extended":
        rules = chance.sample(names, chance.randint(2, min(3, len(names))))
    groups = [[], [MODEL], [CONVERSATION], ["client.zone"], ["score"], ["user.id"]]
    groups += [[MODEL, "client.zone"]]
    made: dict[str, Any] = {
        "type": kind,
        "rules": rules,
        "group-by": chance.choice(groups),
        "timespan": chance.choice(list(SPANS)),
    }
    if chance.random() < 0.2:
        places = ["client.zone", "peer.zone"]
        made["aliases"] = {"zone": {name: chance.choice(places) for name in rules}}
        made["group-by"] = ["zone"]
    if kind == "extended":
        made["type"] = chance.choice(["temporal", "temporal_ordered"])
        made["condition"] = _extended(chance, rules)
        while not _can_be_met(made["condition"], rules):
            made["condition"] = _extended(chance, rules)
        used = [name for name in rules if name in made["condition"]]
        made["rules"] = used
        if "aliases" in made:
            made["aliases"]["zone"] = {name: made["aliases"]["zone"][name] for name in used}
    elif kind == "event_count":
        made["condition"] = _bounds(chance, 1, 4, True)
    elif kind == "value_count":
        field = chance.choice(["client.zone", "score", MODEL])
        made["condition"] = {"field": field, **_bounds(chance, 1, 3, True)}
    elif kind.startswith("temporal"):
        if chance.random() < 0.4:
            # Of rules in order, what a range asks for is not what both its ends ask for.
            made["condition"] = _bounds(chance, 1, len(rules), True, kind == "temporal")
    else:
        made["condition"] = {"field": "amount", **_bounds(chance, -2, 25, False)}
        if kind == "value_percentile":
            made["condition"]["percentile"] = chance.choice([10, 25, 50, 90, 99])
    return {
        "title": f"Correlation {number}",
        "id": str(uuid.uuid5(NAMESPACE, f"correlation {number}")),
        "name": f"correlation_{number}",
        "status": "test",
        "correlation": made,
        "level": "high",
    }


def _range(document: Document) -> list[tuple[str, float]]:
    """The comparisons of its condition."""
    condition = document.get("correlation", {}).get("condition")
    orders = ["gt", "gte", "lt", "lte", "eq", "neq"]
    if not isinstance(condition, dict):
        return []
    return [item for item in condition.items() if item[0] in orders]


def _for_oracle(document: Document) -> list[Document]:
    """pySigma takes one comparison only: a range is a correlation for each of its ends."""
    bounds = _range(document)
    if len(bounds) < 2:
        return [document]
    made = []
    for order, value in bounds:
        correlation = dict(document["correlation"])
        rest = {k: v for k, v in correlation["condition"].items() if k not in dict(bounds)}
        correlation["condition"] = {**rest, order: value}
        name = f"{document['name']}_{order}"
        identifier = str(uuid.uuid5(NAMESPACE, name))
        made.append({**document, "name": name, "id": identifier, "correlation": correlation})
    return made


def case(seed: int) -> Case:
    """The rules and the log that a seed stands for."""
    chance = random.Random(f"correlations {seed}")
    alphabet = ["a", "b", "c", "d"]
    bases = [_base(0, ["a"]), _base(1, ["b"]), _base(2, ["a", "c"]), _base(3, ["d"])]
    names = [base["name"] for base in bases]
    correlations: list[Document] = []
    for number in range(10):
        simple = [made["name"] for made in correlations if len(_range(made)) < 2]
        chained = [name for name in simple if chance.random() < 0.15]
        correlations.append(_correlation(chance, number, names + chained))
        correlations[-1]["correlation"]["generate"] = chance.random() < 0.5
    events, time = [], float(START)
    for _ in range(60):
        # Quarters of a second are exact in binary; equal times are wanted.
        time += chance.choice([0, 0, 0.25, 1, 3, 5, 10, 20, 60, 70, 300])
        events.append(_event(chance, chance.choice(alphabet), time))
    order = list(range(len(events)))
    lateness = chance.choice([0, 30])
    if lateness:
        order.sort(key=lambda index: events[index]["created"] + chance.uniform(0, lateness * 0.9))
    return Case(bases + correlations, events, order, lateness)


# A rule and turns that tell Tocsin's pseudonyms of the zones, a day before all else: a report
# names its actor as a group names a member of the record.
_ZONES = ["north", "south"]
_NAMING_RULE = {
    "title": "Naming",
    "id": str(uuid.uuid5(NAMESPACE, "naming")),
    "name": "naming",
    "status": "test",
    "logsource": {"category": "ai_interaction"},
    "detection": {"selection": {"naming": True}, "condition": "selection"},
    "level": "low",
}
_NAMING_EVENTS: list[Event] = [
    {"prompt": "x", "naming": True, "user.id": zone, peers.TIME_FIELD: START - 86_400}
    for zone in _ZONES
]


def _event(chance: random.Random, label: str, time: float) -> Event:
    made: Event = {"prompt": f"turn at {time}", "label": label, peers.TIME_FIELD: time}
    # Where a log names no conversation, Tocsin does.
    made[CONVERSATION] = chance.choice(["c1", "c2", "c3"])
    optional: dict[str, Callable[[], Any]] = {
        MODEL: lambda: chance.choice(["m1", "m2"]),
        "client.zone": lambda: chance.choice(_ZONES),
        "peer.zone": lambda: chance.choice(_ZONES),
        "user.id": lambda: chance.choice(_ZONES),
        "score": lambda: chance.choice([1, 2]),
        "amount": lambda: chance.choice([-2, 0, 1, 5, 10, 40, 2.5, "n/a"]),
    }
    made.update({name: pick() for name, pick in optional.items() if chance.random() < 0.9})
    return made


def reported(windows: Windows, timespan_seconds: float) -> Windows:
    """Those of the windows that Tocsin reports."""
    last: dict[tuple[tuple[str, str], ...], float] = {}
    result: Windows = set()
    for group, end in sorted(windows, key=lambda window: window[1]):
        if group not in last or end > last[group] + timespan_seconds:
            last[group] = end
            result.add((group, end))
    return result


def _expected(made: Case) -> peers.Outcome:
    """What the oracle finds; a window is in a range where both ends' correlations have it."""
    parts = {document["id"]: _for_oracle(document) for document in made.documents}
    outcome = peers.expect([part for some in parts.values() for part in some], made.events)
    for name, some in parts.items():
        for part in some:
            if part["id"] in outcome.refused:
                outcome.refused[name] = outcome.refused[part["id"]]
        if len(some) > 1:
            ends = [outcome.of(part["id"]).windows for part in some]
            outcome.of(name).windows = set.intersection(*ends)
    return outcome


def _found(made: Case, tocsin: peers.Tocsin) -> peers.Outcome:
    """What Tocsin finds, with its pseudonyms of zones turned back."""
    first = len(_NAMING_EVENTS)
    subject = tocsin.run(
        [_NAMING_RULE, *made.documents],
        _NAMING_EVENTS + made.events,
        made.lateness_seconds,
        [*range(first), *(first + index for index in made.order)],
    )
    zones = {name: _ZONES[line - 1] for name, line in subject.actors.items() if line <= first}
    for found in subject.found.values():
        found.lines = {line - first for line in found.lines}
        found.windows = {
            (tuple((name, zones.get(value, value)) for name, value in group), end)
            for group, end in found.windows
        }
    return subject


def both(made: Case, tocsin: peers.Tocsin) -> Iterator[tuple[Document, Any, Any]]:
    """Each document with what the two found: lines, or windows that are reported."""
    oracle = _expected(made)
    subject = _found(made, tocsin)
    for document in made.documents:
        name = document["id"]
        refused = (name in oracle.refused, name in subject.refused)
        if any(refused):
            # Refused by both is agreement, with nothing to compare.
            yield document, oracle.refused.get(name), subject.refused.get(name)
        elif "correlation" in document:
            span = SPANS[document["correlation"]["timespan"]]
            windows = subject.of(name).windows
            yield document, reported(oracle.of(name).windows, span), windows
        else:
            yield document, oracle.of(name).lines, subject.of(name).lines


def _differ(first: Any, second: Any) -> bool:
    if isinstance(first, str) or isinstance(second, str):
        return (first is None) != (second is None)
    return bool(first != second)


def check(seed: int, tocsin: peers.Tocsin) -> tuple[int, int]:
    """One case; how many rules were compared, and on how many the two differ."""
    made = case(seed)
    if made.lateness_seconds and not tocsin.has_lateness:
        made = replace(made, order=list(range(len(made.events))), lateness_seconds=0)
    results = list(both(made, tocsin))
    differing = [document for document, first, second in results if _differ(first, second)]
    for document in differing[:2]:
        _show(seed, made, document, tocsin)
    return len(results), len(differing)


def _show(seed: int, made: Case, document: Document, tocsin: peers.Tocsin) -> None:
    def found(some: Case) -> tuple[Any, Any]:
        for other, first, second in both(some, tocsin):
            if other["id"] == document["id"]:
                return first, second
        return None, None

    def disagrees(some: Case) -> bool:
        try:
            return _differ(*found(some))
        except peers.CannotRun:
            return False

    needed = _needed(document, made.documents)
    if disagrees(replace(made, documents=needed)):
        made = replace(made, documents=needed)
    kept = fewest(made.order, lambda order: bool(order) and disagrees(_of_events(made, order)))
    made = _of_events(made, kept)
    first, second = found(made)
    print(f"DISAGREE correlations, seed {seed}, {document['title']}")
    print(f"  again: deploy/differential --only correlations --seed {seed} --cases 1")
    print(f"  pySigma: {_told(first)}\n  tocsin:  {_told(second)}")
    print(f"  lateness {made.lateness_seconds} s; times after {START}")
    print(indented(to_yaml(made.documents)))
    for index in made.order:
        event = dict(made.events[index])
        del event["prompt"]
        event[peers.TIME_FIELD] -= START
        print(f"    {json.dumps(event)}", flush=True)


def _of_events(made: Case, order: list[int]) -> Case:
    """The case with only the events of these places, in this order."""
    places = sorted(order)
    return replace(
        made,
        events=[made.events[place] for place in places],
        order=[places.index(place) for place in order],
    )


def _needed(document: Document, documents: list[Document]) -> list[Document]:
    """The document and those that it looks at, in the order of all."""
    by_name = {other["name"]: other for other in documents}
    wanted, queue = set(), [document["name"]]
    while queue:
        name = queue.pop()
        wanted.add(name)
        queue += by_name[name].get("correlation", {}).get("rules", [])
    return [other for other in documents if other["name"] in wanted]


def _told(found: Any) -> str:
    if found is None or isinstance(found, str):
        return f"refused: {found}" if found else "takes the rule"
    return str(sorted(found, key=str)).replace(str(START), "")
