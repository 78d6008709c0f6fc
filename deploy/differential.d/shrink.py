# SPDX-License-Identifier: Apache-2.0
"""Cuts a disagreement down to a rule and an event from which nothing more can be left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Iterator

from model import Condition, Event, Filter, Keywords, Rule

Disagrees = Callable[[Rule, Event], bool]


def shrink(
    rule: Rule, event: Event, disagrees: Disagrees, attempts: int = 120
) -> tuple[Rule, Event]:
    """The smallest pair that still disagrees, of those that so many attempts find."""
    left = attempts
    again = True
    while again:
        again = False
        for smaller_rule, smaller_event in _smaller(rule, event):
            if left == 0:
                return rule, event
            left -= 1
            if disagrees(smaller_rule, smaller_event):
                rule, event, again = smaller_rule, smaller_event, True
                break
    return rule, event


def _smaller(rule: Rule, event: Event) -> Iterator[tuple[Rule, Event]]:
    for index in range(len(rule.filters)):
        rest = rule.filters[:index] + rule.filters[index + 1 :]
        yield replace(rule, filters=rest), event
    if len(rule.conditions) > 1:
        for one in rule.conditions:
            yield replace(rule, conditions=[one]).pruned(), event
    for index, condition in enumerate(rule.conditions):
        for part in _conditions(condition):
            conditions = list(rule.conditions)
            conditions[index] = part
            yield replace(rule, conditions=conditions).pruned(), event
    for selections in _selections(rule.selections):
        yield replace(rule, selections=selections), event
    for index, part in enumerate(rule.filters):
        for selections in _selections(part.selections):
            filters = list(rule.filters)
            filters[index] = Filter(selections, part.condition)
            yield replace(rule, filters=filters), event
    for name in event:
        if name != "prompt":
            yield rule, {other: event[other] for other in event if other != name}
    for name, value in event.items():
        for shorter in _texts(value):
            yield rule, {**event, name: shorter}


def _conditions(condition: Condition) -> Iterator[Condition]:
    kind = condition[0]
    if kind == "not":
        yield condition[1]
        for part in _conditions(condition[1]):
            yield ("not", part)
    elif kind in ("and", "or"):
        parts = condition[1]
        yield from parts
        for index, part in enumerate(parts):
            if len(parts) > 2:
                yield (kind, parts[:index] + parts[index + 1 :])
            for smaller in _conditions(part):
                yield (kind, parts[:index] + [smaller] + parts[index + 1 :])


def _selections(selections: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, value in selections.items():
        for smaller in _values(value):
            yield {**selections, name: smaller}


def _values(value: Any) -> Iterator[Any]:
    if isinstance(value, Keywords):
        for part in _values(value.values):
            if isinstance(part, list):
                yield Keywords(part, value.modifier)
    elif isinstance(value, list):
        if len(value) > 1:
            for index in range(len(value)):
                yield value[:index] + value[index + 1 :]
        for index, inner in enumerate(value):
            for smaller in _values(inner):
                yield value[:index] + [smaller] + value[index + 1 :]
    elif isinstance(value, dict):
        if len(value) > 1:
            for name in value:
                yield {other: value[other] for other in value if other != name}
        for name, inner in value.items():
            for smaller in _values(inner):
                yield {**value, name: smaller}


def _texts(value: Any) -> Iterator[str]:
    if not isinstance(value, str) or len(value) < 2:
        return
    half = len(value) // 2
    yield value[:half]
    yield value[half:]
    if len(value) <= 12:
        for index in range(len(value)):
            yield value[:index] + value[index + 1 :]


def fewest(items: list[Any], holds: Callable[[list[Any]], bool], attempts: int = 60) -> list[Any]:
    """A part of the items for which it still holds, found by leaving out ever smaller pieces."""
    size = max(1, len(items) // 2)
    while attempts > 0:
        for start in range(0, len(items), size):
            attempts -= 1
            rest = items[:start] + items[start + size :]
            if holds(rest):
                items = rest
                break
        else:
            if size == 1:
                break
            size = max(1, size // 2)
    return items
