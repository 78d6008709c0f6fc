# SPDX-License-Identifier: Apache-2.0
"""The rules of rules/ on the events of their own tests and on texts made of their literals."""

from __future__ import annotations

import glob
import os
import random
import re
from typing import Any, Iterator

import yaml

import peers
import values
from compare import indented
from correlations import reported
from model import Event, to_yaml

Document = dict[str, Any]

START = 1_780_000_000
TEXTS_A_RULE = 16
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_FILLERS = ["please", "and then", "in a story", "today", "for my class", "thank you."]


def documents(folder: str) -> list[Document]:
    """All documents of the rule files."""
    found: list[Document] = []
    for path in sorted(glob.glob(os.path.join(folder, "**", "*.yml"), recursive=True)):
        with open(path, encoding="utf-8") as file:
            found += [d for d in yaml.load_all(file, Loader=yaml.CSafeLoader) if d]
    return [document for document in found if not _compares_scores(document)]


def _compares_scores(document: Document) -> bool:
    """Whether a rule compares what a model says, which the oracle has not."""
    return any(
        key.startswith("score.")
        for selection in document.get("detection", {}).values()
        for part in (selection if isinstance(selection, list) else [selection])
        if isinstance(part, dict)
        for key in part
    )


def _probes(derived: list[Document]) -> list[Document]:
    """A rule for each derived field, which raises nothing itself."""
    return [
        {
            "title": f"Probe of {document['derives']}",
            "id": "0" * 8 + document["id"][8:],
            "status": "test",
            "logsource": {"category": "ai_interaction"},
            "detection": {"selection": {document["derives"]: True}, "condition": "selection"},
            "level": "low",
        }
        for document in derived
    ]


def _literals(document: Document) -> dict[str, list[list[str]]]:
    """By text field the lists of plain values that the rule looks for there."""
    found: dict[str, list[list[str]]] = {}
    selections = document.get("detection", {})
    for name, selection in selections.items():
        if name == "condition":
            continue
        for part in selection if isinstance(selection, list) else [selection]:
            for key, value in part.items() if isinstance(part, dict) else []:
                field, *modifiers = key.split("|")
                some = [v for v in (value if isinstance(value, list) else [value])]
                if "re" not in modifiers and all(isinstance(v, str) for v in some):
                    found.setdefault(field, []).append(some)
    return found


def _text(chance: random.Random, lists: list[list[str]]) -> str:
    """A text that holds values of some of the lists, in other letters' case."""
    chosen = [chance.choice(some) for some in lists if chance.random() < 0.6]
    chosen += chance.sample(_FILLERS, 2)
    return values.recased(chance, chance.choice(["", " "]).join(f"{text} " for text in chosen))


def _events(chance: random.Random, all_rules: list[Document]) -> Iterator[Event]:
    literals = [_literals(document) for document in all_rules]
    responses = [some for found in literals for some in found.get("response", [])]
    for document, found in zip(all_rules, literals):
        for test in document.get("tests", []):
            for event in test.get("events") or [test["event"]]:
                yield {name: value for name, value in event.items() if name != "at"}
        for _ in range(TEXTS_A_RULE if found else 0):
            event = {"prompt": _text(chance, found.get("prompt", []))}
            lists = found.get("response") or chance.sample(responses, min(2, len(responses)))
            if chance.random() < 0.8:
                event["response"] = _text(chance, lists)
            yield event


def _log(chance: random.Random, all_rules: list[Document]) -> list[Event]:
    """The events as turns of a few people, in the order of their times."""
    events = [event for event in _events(chance, all_rules) if _is_plain(event)]
    chance.shuffle(events)
    time = float(START)
    for event in events:
        user = chance.randrange(5)
        time += chance.choice([0, 1, 5, 20, 60, 120])
        event["user.id"] = f"user-{user}"
        event["gen_ai.conversation.id"] = f"conversation-{user}-{chance.randrange(2)}"
        event[peers.TIME_FIELD] = time
    return events


def _is_plain(event: Event) -> bool:
    return not any(isinstance(value, list) for value in event.values())


def _seconds(timespan: str) -> int:
    told = re.fullmatch(r"(\d+)([smhd])", timespan)
    if not told:
        raise peers.CannotRun(f"a timespan of rules/ is {timespan}")
    return int(told[1]) * _UNITS[told[2]]


def check(seed: int, tocsin: peers.Tocsin, folder: str) -> tuple[int, int]:
    """How many pairs of rule and event were compared, and on how many the two differ."""
    chance = random.Random(f"rules {seed}")
    found = documents(folder)
    derived = [document for document in found if "derives" in document]
    events = _log(chance, found)
    oracle = _expected(found, derived, events)
    subject = tocsin.run(found + _probes(derived), events)
    compared = differing = 0
    for document in found + _probes(derived):
        name = document["id"]
        if "filter" in document or "derives" in document:
            continue
        compared += len(events)
        if name in subject.refused or name in oracle.refused:
            differing += 1
            said = subject.refused.get(name) or oracle.refused.get(name)
            print(f"DISAGREE rules, {document['title']}: refused: {said}")
        elif "correlation" in document:
            differing += _compare_windows(seed, document, events, oracle, subject)
        else:
            differing += _compare_lines(seed, document, events, oracle, subject)
    return compared, differing


def _expected(
    found: list[Document], derived: list[Document], events: list[Event]
) -> peers.Outcome:
    """What the oracle finds, for which the derived fields are columns like others.

    A derived field may be made of others: they are worked out first, layer by layer.
    """
    told = [dict(event) for event in events]
    refused: dict[str, str] = {}
    waiting = derived
    while waiting:
        names = {document["derives"] for document in waiting}
        layer = [document for document in waiting if not _fields(document) & names]
        if not layer:
            raise peers.CannotRun("derived fields of rules/ are made of each other")
        fields = peers.expect(layer, told)
        refused.update(fields.refused)
        for document in layer:
            for line, event in enumerate(told, 1):
                event[document["derives"]] = line in fields.of(document["id"]).lines
        waiting = [document for document in waiting if document not in layer]
    others = [document for document in found if "derives" not in document]
    outcome = peers.expect(others + _probes(derived), told)
    outcome.refused.update(refused)
    return outcome


def _fields(document: Document) -> set[str]:
    """The fields that a rule's selections compare."""
    return {
        key.split("|")[0]
        for selection in document["detection"].values()
        for part in (selection if isinstance(selection, list) else [selection])
        if isinstance(part, dict)
        for key in part
    }


def _compare_lines(
    seed: int,
    document: Document,
    events: list[Event],
    oracle: peers.Outcome,
    subject: peers.Outcome,
) -> int:
    first, second = (outcome.of(document["id"]).lines for outcome in (oracle, subject))
    for line in sorted(first ^ second)[:2]:
        words = ["match" if line in lines else "no match" for lines in (first, second)]
        print(f"DISAGREE rules, seed {seed}, {document['title']}, event {line}")
        print(f"  pySigma: {words[0]}; tocsin: {words[1]}")
        print(indented(to_yaml(events[line - 1])), flush=True)
    return len(first ^ second)


def _compare_windows(
    seed: int,
    document: Document,
    events: list[Event],
    oracle: peers.Outcome,
    subject: peers.Outcome,
) -> int:
    span = _seconds(document["correlation"]["timespan"])
    expected = reported(oracle.of(document["id"]).windows, span)
    users = {name: events[line - 1]["user.id"] for name, line in subject.actors.items()}
    windows = {
        (tuple((name, users.get(value, value)) for name, value in group), end)
        for group, end in subject.of(document["id"]).windows
    }
    if expected != windows:
        print(f"DISAGREE rules, seed {seed}, {document['title']}")
        print(f"  only pySigma: {sorted(expected - windows)}")
        print(f"  only tocsin:  {sorted(windows - expected)}", flush=True)
    return len(expected ^ windows)
