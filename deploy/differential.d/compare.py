# SPDX-License-Identifier: Apache-2.0
"""Runs both programs over the same rules and events, and tells where they differ."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass

import detections
import peers
from model import Event, Rule, to_yaml
from shrink import fewest, shrink

# How many disagreements of a case are cut down and shown.
MOST_SHOWN = 3


def both(
    rules: list[Rule], events: list[Event], tocsin: peers.Tocsin
) -> tuple[peers.Outcome, peers.Outcome]:
    """What the oracle and Tocsin make of generated rules."""
    oracle = peers.expect([d for r in rules for d in r.documents(True)], events)
    subject = tocsin.run([d for r in rules for d in r.documents(False)], events)
    return oracle, subject


def verdict(
    rule: Rule, event: Event, tocsin: peers.Tocsin, beside: tuple[Rule, ...] = ()
) -> tuple[str, str]:
    """What each says of one rule and one event, with other rules loaded too."""
    oracle, subject = both(sorted([rule, *beside], key=lambda r: r.number), [event], tocsin)
    return _word(oracle, rule.id, 1), _word(subject, rule.id, 1)


def _word(outcome: peers.Outcome, rule: str, line: int) -> str:
    if rule in outcome.refused:
        return "refused"
    return "match" if line in outcome.of(rule).lines else "no match"


@dataclass
class _Disagreement:
    """One rule and one event of a case on which the two differ."""

    rule: Rule
    line: int
    words: tuple[str, str]
    said: list[str]


def check_detections(seed: int, tocsin: peers.Tocsin) -> tuple[int, int]:
    """One case; how many pairs were compared, and on how many the two differ."""
    theme, rules, events = detections.case(seed)
    outcomes = both(rules, events, tocsin)
    differing: list[_Disagreement] = []
    for rule in rules:
        refused = [rule.id in outcome.refused for outcome in outcomes]
        first, second = (outcome.of(rule.id).lines for outcome in outcomes)
        lines = [1] if refused[0] != refused[1] else [] if all(refused) else sorted(first ^ second)
        for line in lines:
            words = (_word(outcomes[0], rule.id, line), _word(outcomes[1], rule.id, line))
            said = [outcome.refused[rule.id] for outcome in outcomes if rule.id in outcome.refused]
            differing.append(_Disagreement(rule, line, words, said))
    shown: set[int] = set()
    for one in differing:
        if one.rule.number not in shown and len(shown) < MOST_SHOWN:
            shown.add(one.rule.number)
            _show(seed, theme, one, rules, events, tocsin)
    return len(rules) * len(events), len(differing)


def _show(
    seed: int,
    theme: str,
    one: _Disagreement,
    rules: list[Rule],
    events: list[Event],
    tocsin: peers.Tocsin,
) -> None:
    event = events[one.line - 1]
    beside: tuple[Rule, ...] = ()

    def disagrees(rule: Rule, event: Event) -> bool:
        return verdict(rule, event, tocsin, beside) == one.words

    if not disagrees(one.rule, event):
        # It takes other rules to bring it about.
        others = [rule for rule in rules if rule is not one.rule]
        beside = tuple(
            fewest(others, lambda some: verdict(one.rule, event, tocsin, tuple(some)) == one.words)
        )
    small_rule, small_event = shrink(one.rule, event, disagrees)
    print(f"DISAGREE detections, seed {seed} ({theme}), rule {one.rule.number}, event {one.line}")
    print(f"  pySigma: {one.words[0]}; tocsin: {one.words[1]}")
    for text in one.said:
        print(f"  refused: {text}")
    print(f"  again: deploy/differential --only detections --seed {seed} --cases 1")
    print(indented(to_yaml(small_rule.documents(False))))
    for other in beside:
        print("    --- only beside")
        print(indented(to_yaml(other.documents(False))))
    print(f"    event: {json.dumps(small_event, ensure_ascii=not_plain(small_event))}")
    sys.stdout.flush()


def not_plain(event: Event) -> bool:
    """Whether its letters are better told by number."""
    return not all(str(value).isascii() for value in event.values())


def indented(text: str) -> str:
    """A block of text set off from what is told of it."""
    return "\n".join("    " + line for line in text.rstrip().splitlines())
