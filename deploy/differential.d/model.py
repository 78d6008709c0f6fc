# SPDX-License-Identifier: Apache-2.0
"""What both programs are given: rules as data that can be cut down, and events."""

from __future__ import annotations

import fnmatch
import uuid
from dataclasses import dataclass, field, replace
from typing import Any, Iterator, Union

import yaml

TEXT_FIELDS = ["prompt", "response", "system", "reasoning", "tool.call", "tool.result"]

# A condition: ("name", N), ("quantified", "1 of", PATTERN), ("not", C), ("and"|"or", [C, ...]).
Condition = tuple[Any, ...]
Event = dict[str, Any]

NAMESPACE = uuid.UUID("0c5b2a4e-6d0f-4f5f-9a51-6a1f8d3f7c10")


@dataclass(frozen=True)
class Keywords:
    """A selection without fields: values that any text of the turn holds."""

    values: list[str]
    modifier: str = ""

    def for_tocsin(self) -> Any:
        """As Sigma writes it."""
        return {"|" + self.modifier: self.values} if self.modifier else self.values

    def for_oracle(self, name: str) -> tuple[dict[str, Any], Condition]:
        """The same over named fields, which the SQLite backend asks for."""
        comparison = "re" if self.modifier == "re" else "contains"
        selections: dict[str, Any] = {
            f"{name}_{index}": [{f"{text}|{comparison}": value} for text in TEXT_FIELDS]
            for index, value in enumerate(self.values)
        }
        parts = [("name", part) for part in selections]
        return selections, ("and" if self.modifier == "all" else "or", parts)


@dataclass(frozen=True)
class Filter:
    """A `filter:` document over one rule."""

    selections: dict[str, Any]
    condition: Condition


@dataclass(frozen=True)
class Rule:
    """One generated rule; what is in it can be left out piece by piece."""

    number: int
    selections: dict[str, Any]
    conditions: list[Condition]
    filters: list[Filter] = field(default_factory=list)

    @property
    def id(self) -> str:
        return str(uuid.uuid5(NAMESPACE, str(self.number)))

    def documents(self, for_oracle: bool) -> list[dict[str, Any]]:
        """The rule and its filters as YAML documents."""
        selections, conditions = self.selections, self.conditions
        if for_oracle:
            selections, conditions = self._without_keywords()
        rule = {
            "title": f"Generated {self.number}",
            "id": self.id,
            "status": "test",
            "logsource": {"category": "ai_interaction"},
            "detection": {
                **{
                    name: value.for_tocsin() if isinstance(value, Keywords) else value
                    for name, value in selections.items()
                },
                "condition": [render(c) for c in conditions]
                if len(conditions) > 1
                else render(conditions[0]),
            },
            "level": "high",
        }
        return [rule] + [
            {
                "title": f"Filter {index} of {self.number}",
                "id": str(uuid.uuid5(NAMESPACE, f"{self.number}/{index}")),
                "logsource": {"category": "ai_interaction"},
                "filter": {
                    "rules": [self.id],
                    **part.selections,
                    "condition": render(part.condition),
                },
            }
            for index, part in enumerate(self.filters)
        ]

    def _without_keywords(self) -> tuple[dict[str, Any], list[Condition]]:
        selections: dict[str, Any] = {}
        replaced: dict[str, Condition] = {}
        for name, value in self.selections.items():
            if isinstance(value, Keywords):
                more, replaced[name] = value.for_oracle(name)
                selections.update(more)
            else:
                selections[name] = value
        return selections, [substitute(c, replaced) for c in self.conditions]

    def pruned(self) -> "Rule":
        """The rule without the selections that no condition names."""
        used = {name for c in self.conditions for name in names(c, self.selections)}
        kept = {name: value for name, value in self.selections.items() if name in used}
        return replace(self, selections=kept)


def render(condition: Condition) -> str:
    """A condition as Sigma writes it, with a bracket around every inner operation."""
    kind = condition[0]
    if kind == "name":
        return str(condition[1])
    if kind == "quantified":
        return f"{condition[1]} {condition[2]}"
    if kind == "not":
        return f"not {_operand(condition[1])}"
    return f" {kind} ".join(_operand(part) for part in condition[1])


def _operand(condition: Condition) -> str:
    text = render(condition)
    return f"({text})" if condition[0] in ("and", "or") else text


def substitute(condition: Condition, replaced: dict[str, Condition]) -> Condition:
    """The condition with names replaced."""
    kind = condition[0]
    if kind == "name":
        return replaced.get(condition[1], condition)
    if kind == "not":
        return ("not", substitute(condition[1], replaced))
    if kind in ("and", "or"):
        return (kind, [substitute(part, replaced) for part in condition[1]])
    return condition


def names(condition: Condition, known: dict[str, Any]) -> Iterator[str]:
    """The selections that a condition speaks of."""
    kind = condition[0]
    if kind == "name":
        yield condition[1]
    elif kind == "quantified":
        yield from matching(condition[2], known)
    elif kind == "not":
        yield from names(condition[1], known)
    else:
        for part in condition[1]:
            yield from names(part, known)


def matching(pattern: str, known: dict[str, Any]) -> list[str]:
    """The selections that a pattern such as `flt_*` or `them` takes."""
    if pattern == "them":
        return [name for name in known if not name.startswith("_")]
    return fnmatch.filter(known, pattern)


class _Dumper(yaml.CSafeDumper):
    """No anchors: a value that two rules share is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def to_yaml(documents: Union[dict[str, Any], list[dict[str, Any]]]) -> str:
    """One or several YAML documents in one text."""
    many = documents if isinstance(documents, list) else [documents]
    return yaml.dump_all(many, Dumper=_Dumper, allow_unicode=False, sort_keys=False, width=1000)
