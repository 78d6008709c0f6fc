# SPDX-License-Identifier: Apache-2.0
"""Generated rules and events for detections, a theme a case."""

from __future__ import annotations

import random
import re
from typing import Any, Callable

import values
from model import TEXT_FIELDS, Condition, Event, Filter, Keywords, Rule, matching

# Plain texts of the record beside those of the turn.
LABELS = ["label", "note", "gen_ai.request.model", "gen_ai.conversation.id"]
Item = tuple[str, Any]
# Makes an item; the texts are those of the events, and others.
Maker = Callable[[random.Random, list[str]], Item]


def _field(chance: random.Random) -> str:
    return chance.choice(TEXT_FIELDS[:3] + TEXT_FIELDS[:2] + LABELS[:2] + [chance.choice(LABELS)])


def _list(chance: random.Random, make: Callable[[], Any], least: int = 1) -> Any:
    made = [make() for _ in range(chance.choice([least, least, 2, 3]))]
    return made[0] if len(made) == 1 and chance.random() < 0.7 else made


def string_item(chance: random.Random, texts: list[str]) -> Item:
    """A text compared as a whole or in part, with or without regard to case."""
    place = chance.choice(["", "|contains", "|contains", "|startswith", "|endswith"])
    cased = chance.choice(["", "", "|cased"])
    if chance.random() < 0.2:
        place = place or "|contains"
        many = [values.pattern(chance, texts, place) for _ in range(2)]
        return _field(chance) + place + "|all" + cased, many
    negated = chance.choice([""] * 7 + ["|neq"])
    value = _list(chance, lambda: values.pattern(chance, texts, place))
    return _field(chance) + place + cased + negated, value


def _expression(chance: random.Random, flags: str) -> str:
    """With lines, none that an empty line holds (docs/DIFFERENTIAL.md, "expression-lines")."""
    made = values.expression(chance)
    while "|m" in flags and re.search(made, ""):
        made = values.expression(chance)
    return made


def regex_item(chance: random.Random, _: list[str]) -> Item:
    """A regular expression with its flags."""
    flags = "".join(flag for flag in ("|i", "|m", "|s") if chance.random() < 0.3)
    every = chance.random() < 0.15
    made = _list(chance, lambda: _expression(chance, flags), 2 if every else 1)
    return _field(chance) + "|re" + flags + ("|all" if every else ""), made


def encoding_item(chance: random.Random, _: list[str]) -> Item:
    """base64 of a word, by itself, at any offset, of UTF-16."""
    wide = chance.choice(["", "", "|wide", "|utf16be"])
    made = _list(chance, lambda: chance.choice(values.WORDS))
    kind = chance.choice(["|base64offset|contains"] * 2 + ["|base64|contains", "|base64"])
    return _field(chance) + wide + kind, made


def windash_item(chance: random.Random, texts: list[str]) -> Item:
    """An option whose dash may be another."""
    every = chance.random() < 0.2
    place = chance.choice(["|contains", "|startswith", "|endswith"] + ([] if every else [""]))
    made = _list(
        chance, lambda: values.pattern(chance, texts, place, 0.1), 2 if every else 1
    )
    return _field(chance) + "|windash" + place + ("|all" if every else ""), made


def value_item(chance: random.Random, _: list[str]) -> Item:
    """Numbers, booleans, null, addresses, dates."""
    kind = chance.randrange(7)
    number = chance.choice(["score", "usage.tokens"])
    if kind == 0:
        return number, _list(chance, lambda: chance.choice(values.NUMBERS))
    if kind == 1:
        order = chance.choice(["gt", "gte", "lt", "lte", "neq"])
        return f"{number}|{order}", chance.choice(values.NUMBERS)
    if kind == 2:
        return "flag", chance.choice([True, False])
    if kind == 3:
        return chance.choice(["score", "flag", "label", "note", "response", "client.ip"]), None
    if kind == 4:
        networks = values.NETWORKS if chance.random() < 0.8 else values.NETWORKS_6
        return "client.ip|cidr", _list(chance, lambda: chance.choice(networks))
    if kind == 5:
        part, low, high = chance.choice(
            [("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("week", 0, 53)]
            + [("month", 1, 12), ("year", 2017, 2025)]
        )
        made = sorted({chance.randint(low, high) for _ in range((high - low) // 3 + 1)})
        return f"when|{part}{chance.choice(['', '|neq'])}", made
    return "label", chance.choice(["", "alpha", ["", "Beta"], [None, "alpha"]])


def reference_item(chance: random.Random, _: list[str]) -> Item:
    """A field compared with another, or asked for."""
    if chance.random() < 0.3:
        return _field(chance) + "|exists", chance.choice([True, False])
    if chance.random() < 0.2:
        return "score|fieldref" + chance.choice(["", "|neq"]), "usage.tokens"
    place = chance.choice(["", "|contains", "|startswith", "|endswith", "|neq"])
    return _field(chance) + "|fieldref" + place, _field(chance)


def keyword_selection(chance: random.Random, texts: list[str]) -> Keywords:
    """Values for any text of the turn; any text at all is refused without a field."""
    if chance.random() < 0.2:
        made = values.expression(chance)
        while re.search(made, ""):
            made = values.expression(chance)
        return Keywords([made], "re")
    modifier = chance.choice(["", "", "all"])
    count = 2 if modifier else chance.randint(1, 3)
    patterns: list[str] = []
    while len(patterns) < count:
        value = values.pattern(chance, texts, "|contains", 0.2)
        patterns += [value] if value.strip("*") else []
    return Keywords(patterns, modifier)


THEMES: dict[str, tuple[list[str], list[Maker]]] = {
    "strings": (values.ASCII, [string_item]),
    "scripts": (values.SCRIPTS, [string_item]),
    "expressions": (values.ASCII, [regex_item]),
    "encodings": (values.ASCII, [encoding_item]),
    "dashes": (values.DASHES, [windash_item]),
    "values": (values.ASCII, [value_item]),
    "references": (["alpha", "Beta", "x_y", "100%", "c\\d"], [reference_item]),
    "keywords": (values.ASCII, [string_item]),
    "mixed": (values.ASCII, [string_item, regex_item, encoding_item, value_item]),
}


def event(chance: random.Random, theme: str) -> Event:
    """A turn; what it lacks it lacks, and now and then says so by null."""
    atoms = THEMES[theme][0]

    def words() -> str:
        if theme in ("encodings", "mixed") and chance.random() < 0.7:
            return values.encoded(chance, values.WORDS)
        return values.text(chance, atoms)

    made: Event = {"prompt": words()}
    for name in TEXT_FIELDS[1:] + LABELS:
        if chance.random() < (0.7 if name in TEXT_FIELDS[:3] + LABELS[:2] else 0.3):
            made[name] = words()
    if theme == "references":
        for name in ("score", "usage.tokens"):
            if chance.random() < 0.8:
                made[name] = chance.choice(values.NUMBERS[:5])
    elif theme in ("values", "mixed"):
        made.update(_members(chance))
    return made


def _members(chance: random.Random) -> Event:
    members: Event = {
        "score": chance.choice(values.NUMBERS),
        "usage.tokens": chance.choice(values.NUMBERS),
        "flag": chance.choice([True, False]),
        "client.ip": chance.choice(values.ADDRESSES * 2 + values.ADDRESSES_6),
        "when": chance.choice(values.DATES),
        "label": chance.choice(["", "alpha", "ALPHA", "Beta"]),
    }
    for name in list(members):
        fate = chance.random()
        if fate < 0.15:
            del members[name]
        elif fate < 0.25:
            members[name] = None
    return members


def _selection(chance: random.Random, makers: list[Maker], texts: list[str]) -> Any:
    def one() -> dict[str, Any]:
        count = chance.choice([1, 1, 1, 2])
        return dict(chance.choice(makers)(chance, texts) for _ in range(count))

    return [one() for _ in range(2)] if chance.random() < 0.15 else one()


def _condition(chance: random.Random, known: dict[str, Any], depth: int = 2) -> Condition:
    kind = chance.random()
    if depth == 0 or kind < 0.35:
        return ("name", chance.choice(list(known)))
    if kind < 0.55:
        patterns = [p for p in ("sel_*", "flt_*", "*_1", "them") if matching(p, known)]
        has_keywords = any(isinstance(value, Keywords) for value in known.values())
        if patterns and not has_keywords:
            return ("quantified", chance.choice(["1 of", "all of"]), chance.choice(patterns))
    if kind < 0.7:
        return ("not", _condition(chance, known, depth - 1))
    parts = [_condition(chance, known, depth - 1) for _ in range(chance.choice([2, 2, 3]))]
    return (chance.choice(["and", "or"]), parts)


def rule(chance: random.Random, number: int, theme: str, texts: list[str]) -> Rule:
    """A rule of the theme."""
    makers = THEMES[theme][1]
    some = chance.sample(["sel_1", "sel_2", "flt_1", "flt_x", "_aside"], chance.randint(1, 4))
    selections: dict[str, Any] = {name: _selection(chance, makers, texts) for name in some}
    if theme == "keywords":
        selections["keywords"] = keyword_selection(chance, texts)
        conditions: list[Condition] = [("name", "keywords")]
        if chance.random() < 0.5:
            conditions = [_condition(chance, selections)]
    else:
        conditions = [_condition(chance, selections)]
    if chance.random() < 0.1:
        conditions.append(_condition(chance, selections))
    filters = []
    if chance.random() < 0.1 and theme != "keywords":
        part = {"selection": _selection(chance, makers, texts)}
        condition: Condition = ("name", "selection")
        filters = [Filter(part, chance.choice([condition, ("not", condition)]))]
    return Rule(number, selections, conditions, filters).pruned()


def case(seed: int, rules: int = 24, events: int = 32) -> tuple[str, list[Rule], list[Event]]:
    """The rules and events that a seed stands for."""
    chance = random.Random(f"detections {seed}")
    theme = list(THEMES)[seed % len(THEMES)]
    turns = [event(chance, theme) for _ in range(events)]
    texts = [value for turn in turns for value in turn.values() if isinstance(value, str) and value]
    texts += [values.text(chance, THEMES[theme][0], 2) for _ in range(len(texts) // 2)]
    return theme, [rule(chance, number, theme, texts) for number in range(rules)], turns
