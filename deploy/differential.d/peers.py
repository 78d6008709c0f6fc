# SPDX-License-Identifier: Apache-2.0
"""The two programs that are compared: pySigma with its SQLite backend, and `tocsin scan`."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Iterable, Optional

from sigma.backends.sqlite import sqliteBackend
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError

from model import Event, to_yaml

# Where the records of this test keep what Tocsin's field names stand for.
SHAPE = {
    "texts": {
        "prompt": "/prompt",
        "response": "/response",
        "system": "/system",
        "reasoning": "/reasoning",
        "tool.call": "/tool_call",
        "tool.result": "/tool_result",
    },
    "metadata": {
        "gen_ai.request.model": "/model",
        "user.id": "/user",
        "gen_ai.conversation.id": "/conversation",
        "gen_ai.response.id": "/id",
    },
    "time": "/created",
}
TIME_FIELD = "created"
_PLACES = {
    name: place[1:] for group in ("texts", "metadata") for name, place in SHAPE[group].items()
}


class CannotRun(Exception):
    """Neither agreement nor disagreement: something that the test needs is not there."""


@dataclass
class Occurrences:
    """What one rule found: lines of events, or for a correlation groups and window ends."""

    lines: set[int] = field(default_factory=set)
    windows: set[tuple[tuple[tuple[str, str], ...], float]] = field(default_factory=set)


@dataclass
class Outcome:
    """What one program made of a set of rules and events."""

    found: dict[str, Occurrences] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    # Tocsin's pseudonym of an actor, with a line of theirs.
    actors: dict[str, int] = field(default_factory=dict)

    def of(self, rule: str) -> Occurrences:
        """What a rule found; nothing where it is not told."""
        return self.found.setdefault(rule, Occurrences())


def group_key(group: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """A group's values in one spelling."""
    return tuple(sorted((name, str(value).lower()) for name, value in group.items()))


@lru_cache(maxsize=4096)
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


def _regexp(expression: str, value: Any) -> Optional[bool]:
    return None if value is None else _compiled(expression).search(str(value)) is not None


def _stored(value: Any) -> Any:
    """A member's value as Zircolite flattens it."""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value


def table(events: list[Event]) -> sqlite3.Connection:
    """The events as a table, a column a field; rows are numbered as lines are."""
    columns = list(dict.fromkeys([TIME_FIELD, *(name for event in events for name in event)]))
    database = sqlite3.connect(":memory:")
    database.create_function("REGEXP", 2, _regexp, deterministic=True)
    # No type: a value stays what it is, so a text never equals a number.
    named = ", ".join(f'"{name}" COLLATE NOCASE' for name in columns)
    database.execute(f"CREATE TABLE logs ({named})")
    for event in events:
        row = [_stored(event.get(name)) for name in columns]
        marks = ", ".join("?" * len(columns))
        database.execute(f"INSERT INTO logs VALUES ({marks})", row)
    return database


def add_columns(database: sqlite3.Connection, wanted: Iterable[str]) -> None:
    """Columns of NULL for fields that no event has."""
    have = {row[1].lower() for row in database.execute("PRAGMA table_info(logs)")}
    for name in sorted(set(wanted)):
        if name.lower() not in have:
            have.add(name.lower())
            database.execute(f'ALTER TABLE logs ADD COLUMN "{name}" COLLATE NOCASE')


class _Backend(sqliteBackend):  # type: ignore[misc]
    """The backend with the bracket that it leaves out around a network's several beginnings."""

    def convert_condition_field_eq_val_cidr(self, cond: Any, state: Any) -> str:
        return f"({super().convert_condition_field_eq_val_cidr(cond, state)})"


def expect(documents: list[dict[str, Any]], events: list[Event]) -> Outcome:
    """What pySigma's SQLite backend makes of them; a correlation's windows are all it finds."""
    outcome = Outcome()
    backend = _Backend(timestamp_field=TIME_FIELD, timestamp_format="unix")
    backend.init_processing_pipeline()
    try:
        collection = SigmaCollection.from_yaml(to_yaml(documents))
        collection.resolve_rule_references()
    except SigmaError as error:
        outcome.refused = {document["id"]: str(error) for document in documents}
        return outcome
    database = table(events)
    _choose_output(collection.rules)
    _give_bounds_back(documents, collection.rules)
    for rule in _ordered(collection.rules):
        try:
            found = _matches(backend, database, rule)
        except (SigmaError, NotImplementedError, sqlite3.Error, ValueError) as error:
            outcome.refused[str(rule.id)] = str(error)
            continue
        if rule._output:
            outcome.found[str(rule.id)] = found
    return outcome


def _choose_output(rules: list[Any]) -> None:
    """Which rules raise reports: those that nothing looks at, or something with `generate`.

    Where one correlation generates and another does not, pySigma takes the report away.
    """
    looked: dict[int, bool] = {}
    for rule in rules:
        for reference in getattr(rule, "referenced_rules", []):
            looked[id(reference.rule)] = looked.get(id(reference.rule), False) or rule.generate
    for rule in rules:
        rule._output = looked.get(id(rule), True)


def _give_bounds_back(documents: list[dict[str, Any]], rules: list[Any]) -> None:
    """Puts back the fractions of bounds, which pySigma cuts off.

    Sigma correlation rules 2.1.0, value_avg: "compares it to an integer or float threshold".
    """
    told = {document["id"]: document.get("correlation", {}) for document in documents}
    for rule in rules:
        condition = told.get(str(rule.id), {}).get("condition")
        if isinstance(condition, dict):
            rule.condition.count = condition[rule.condition.op.name.lower()]


def _ordered(rules: list[Any]) -> list[Any]:
    """The rules, each after those that it refers to; pySigma's own order is not always so."""
    done: dict[int, Any] = {}

    def visit(rule: Any) -> None:
        if id(rule) not in done:
            for reference in getattr(rule, "referenced_rules", []):
                visit(reference.rule)
            done[id(rule)] = rule

    for rule in rules:
        visit(rule)
    return list(done.values())


def _matches(backend: sqliteBackend, database: sqlite3.Connection, rule: Any) -> Occurrences:
    """Converts a rule, which those that refer to it need, and asks its queries."""
    found = Occurrences()
    if isinstance(rule, SigmaCorrelationRule):
        backend.convert_correlation_rule(rule)
        plan = backend._correlation_plans[id(rule)]
        add_columns(database, (name for some in plan["required_fields"].values() for name in some))
        if rule._output:
            found.windows = _windows(database, plan)
        return found
    add_columns(database, backend.required_fields(rule))
    for query in backend.convert_rule(rule):
        # A referenced rule's query is its condition alone.
        where = query.removeprefix("SELECT * FROM logs WHERE ")
        rows = database.execute(f"SELECT rowid FROM logs WHERE {where}")
        found.lines |= {row[0] for row in rows}
    return found


def _windows(
    database: sqlite3.Connection, plan: dict[str, Any]
) -> set[tuple[tuple[tuple[str, str], ...], float]]:
    """Runs the correlation's stages one after another, which is much faster than as one query."""
    for stage in plan["prepare"]:
        database.execute(f"CREATE TEMP TABLE {stage['name']} AS {stage['select']}")
        for number, columns in enumerate(filter(None, stage["indexes"])):
            name = f"{stage['name']}_index{number}"
            database.execute(f"CREATE INDEX temp.{name} ON {stage['name']} ({', '.join(columns)})")
    cursor = database.execute(plan["query"])
    at = {column[0]: index for index, column in enumerate(cursor.description)}
    found = {
        (group_key(json.loads(row[at["group_keys"]])), float(row[at["window_end"]]))
        for row in cursor
    }
    for name in plan["cleanup"]:
        database.execute(f"DROP TABLE {name}")
    return found


def record(number: int, event: Event) -> str:
    """An event as a line of the log; dotted names are members of members."""
    line: dict[str, Any] = {"id": f"turn-{number}"}
    for name, value in event.items():
        if name in _PLACES:
            line[_PLACES[name]] = value
            continue
        *outer, last = name.split(".")
        place = line
        for member in outer:
            place = place.setdefault(member, {})
        place[last] = value
    line.setdefault(TIME_FIELD, 1_780_000_000 + number)
    return json.dumps(line, ensure_ascii=False)


@dataclass
class Tocsin:
    """The built binary and what its `scan` understands."""

    binary: str
    options: list[str] = field(default_factory=list)
    has_lateness: bool = False

    @classmethod
    def find(cls, binary: str) -> "Tocsin":
        """Asks the binary which options it has."""
        if not os.access(binary, os.X_OK):
            raise CannotRun(f"no tocsin at {binary}: build it with `swift build`")
        text = subprocess.run(
            [binary, "scan", "--help"], capture_output=True, text=True, check=True
        ).stdout
        views = ["--views", "none"] if "--views" in text else []
        return cls(binary, views, "--lateness" in text)

    def scan(
        self,
        documents: list[dict[str, Any]],
        events: list[Event],
        lateness_seconds: int = 0,
        order: Optional[list[int]] = None,
    ) -> tuple[list[dict[str, Any]], str]:
        """Reports of a scan with these rules, and what it said of rules that it refused."""
        with tempfile.TemporaryDirectory(prefix="tocsin-differential-") as folder:
            rules = os.path.join(folder, "rules")
            os.mkdir(rules)
            for document in documents:
                path = os.path.join(rules, f"{document['id']}.yml")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(to_yaml(document))
            shape = os.path.join(folder, "shape.yaml")
            with open(shape, "w", encoding="utf-8") as file:
                file.write(to_yaml(SHAPE))
            log = os.path.join(folder, "log.jsonl")
            with open(log, "w", encoding="utf-8") as file:
                for index in order or range(len(events)):
                    file.write(record(index + 1, events[index]) + "\n")
            late = ["--lateness", str(lateness_seconds)] if lateness_seconds else []
            done = subprocess.run(
                [self.binary, "scan", "--rules", rules, "--shape", shape]
                + ["--format", "json", *self.options, *late, log],
                capture_output=True,
                text=True,
                timeout=120,
            )
        if done.returncode in (0, 1):
            return [json.loads(line) for line in done.stdout.splitlines()], ""
        if done.returncode == 2 and rules in done.stderr:
            return [], done.stderr.replace(rules + "/", "")
        raise CannotRun(f"tocsin scan ended with {done.returncode}: {done.stderr.strip()}")

    def run(
        self,
        documents: list[dict[str, Any]],
        events: list[Event],
        lateness_seconds: int = 0,
        order: Optional[list[int]] = None,
    ) -> Outcome:
        """The same as an outcome: refused rules are left out, and the rest scanned again."""
        outcome = Outcome()
        reports: list[dict[str, Any]] = []
        while any("filter" not in document for document in documents):
            reports, refusal = self.scan(documents, events, lateness_seconds, order)
            if not refusal:
                break
            refused = {}
            for line in refusal.splitlines():
                told = re.search(r"([0-9a-f-]{36})\.yml:\d+:\d+: (error.*)", line)
                if told:
                    refused.setdefault(told[1], told[2])
            if not refused:
                raise CannotRun(f"tocsin refuses the rules, and names none: {refusal}")
            outcome.refused.update(refused)
            documents = [
                d
                for d in documents
                if d["id"] not in refused
                and not set(d.get("filter", {}).get("rules", [])) & set(refused)
            ]
        for report in reports:
            if report["kind"] == "detection":
                line = report["position"]["line"]
                number = (order[line - 1] if order else line - 1) + 1
                outcome.of(report["rule"]["id"]).lines.add(number)
                outcome.actors.setdefault(report.get("actor", ""), number)
            elif report["kind"] == "correlation":
                told = report["correlation"]
                window = (group_key(told.get("group", {})), seconds(told["end"]))
                outcome.of(report["rule"]["id"]).windows.add(window)
            else:
                raise CannotRun(f"tocsin reports a {report['kind']} of a whole log")
        return outcome


def seconds(time: str) -> float:
    """An RFC 3339 time as seconds since 1970."""
    return datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp()
