# SPDX-License-Identifier: Apache-2.0
"""Where the two are known to differ, and who is right; docs/DIFFERENTIAL.md tells it to people.

The generators leave these out. Each is looked at here: one that no longer differs as told is an
error too.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import peers
from compare import indented, verdict
from model import Event, Rule, to_yaml

MATCH, NONE, REFUSED = "match", "no match", "refused"


@dataclass(frozen=True)
class Known:
    """One rule and one event of which the two say different things."""

    name: str
    selection: dict[str, Any]
    event: Event
    pysigma: str
    tocsin: str
    reason: str


def _code(value: str, encoding: str = "utf-8") -> str:
    return base64.b64encode(value.encode(encoding)).decode()


MODIFIERS = "Sigma modifiers appendix 2.1.0"
ALL = [
    Known(
        "case",
        {"prompt|contains": "café жук"},
        {"prompt": "CAFÉ ЖУК"},
        NONE,
        MATCH,
        f"{MODIFIERS}, cased: 'Default Sigma behavior is case-insensitive matching'; SQLite's "
        "LIKE and NOCASE fold ASCII only",
    ),
    Known(
        "exists",
        {"label|exists": True},
        {"prompt": "x", "label": None},
        NONE,
        MATCH,
        f"{MODIFIERS}, exists: 'only verifies the presence of a field, not its value, be it empty "
        "or null'; a table knows no member that is null",
    ),
    Known(
        "cidr",
        {"client.ip|cidr": "10.0.0.0/8"},
        {"prompt": "x", "client.ip": "10.example.org"},
        MATCH,
        NONE,
        f"{MODIFIERS}, IP modifiers: 'can only be applied to IP values'; the backend writes a "
        "network as a beginning of text",
    ),
    Known(
        "cidr-6",
        {"client.ip|cidr": "2001:db8::/32"},
        {"prompt": "x", "client.ip": "2001:0DB8:0:0:0:0:0:1"},
        NONE,
        MATCH,
        "RFC 4291, 2.2: one address has several texts; the backend knows the shortest",
    ),
    Known(
        "zone",
        {"when|month": 7},
        {"prompt": "x", "when": "2024-07-31T23:30:00-01:00"},
        NONE,
        MATCH,
        f"{MODIFIERS}, time modifiers: 'not designed to handle timezone or format conversions'; "
        "SQLite converts it to UTC",
    ),
    Known(
        "week",
        {"when|week": 53},
        {"prompt": "x", "when": "2023-12-31T23:59:59.999999Z"},
        MATCH,
        NONE,
        "SQLite, strftime: %W is 00-53 and the 31st of December 2023 is in week 52; it rounds the "
        "last millisecond up into the next year, of the week alone",
    ),
    Known(
        "base64",
        {"label|base64": "alpha"},
        {"prompt": "x", "label": _code("alpha").lower()},
        MATCH,
        NONE,
        f"{MODIFIERS}, base64: 'the value is encoded with Base64', in which capitals are other "
        "digits: the text of other case encodes another value",
    ),
    Known(
        "base64offset",
        {"label|base64offset|contains": "éa"},
        {"prompt": "x", "label": "w6!"},
        MATCH,
        NONE,
        f"{MODIFIERS}, base64offset: the static part of the encoded bytes; pySigma counts the "
        "value's characters for its bytes and cuts off too much",
    ),
    Known(
        "utf16",
        {"label|utf16|base64": "cmd"},
        {"prompt": "x", "label": _code("\ufeffcmd", "utf-16-le")},
        NONE,
        MATCH,
        f"{MODIFIERS}, utf16: 'cmd' is FF FE 63 00 6d 00 64 00; pySigma writes the mark in UTF-8",
    ),
    Known(
        "utf16le",
        {"label|utf16le|base64": "cmd"},
        {"prompt": "x", "label": _code("cmd", "utf-16-le")},
        REFUSED,
        MATCH,
        f"{MODIFIERS}, utf16le: pySigma knows its alias `wide` only",
    ),
    Known(
        "wide",
        {"label|wide|contains": "cmd"},
        {"prompt": "x", "label": "c\0m\0d\0"},
        REFUSED,
        MATCH,
        "a statement of SQLite holds no NUL",
    ),
    Known(
        "wide-letters",
        {"label|wide|base64": "né"},
        {"prompt": "x", "label": _code("né", "utf-16-le")},
        REFUSED,
        MATCH,
        f"{MODIFIERS}, utf16le: pySigma takes only what is UTF-8 again after it",
    ),
    Known(
        "expression-lines",
        {"label|re|m": "^a?$"},
        {"prompt": "x", "label": "b\n"},
        MATCH,
        NONE,
        f"{MODIFIERS}, re: expressions are PCRE's; pcre2pattern, circumflex: in multiline mode it "
        "matches after internal newlines, 'but not if the newline is the last character'",
    ),
    Known(
        "expression-letters",
        {"label|re": "^.$"},
        {"prompt": "x", "label": "é"},
        MATCH,
        NONE,
        "docs/decisions/0005: expressions of ASCII only are matched byte by byte",
    ),
]


def check(tocsin: peers.Tocsin) -> tuple[int, int]:
    """Looks at all of them; how many there are, and how many are not as told."""
    wrong = 0
    for number, known in enumerate(ALL):
        rule = Rule(9_000 + number, {"selection": known.selection}, [("name", "selection")])
        found = verdict(rule, known.event, tocsin)
        if found == (known.pysigma, known.tocsin):
            continue
        wrong += 1
        print(f"DISAGREE known, {known.name}: {known.reason}")
        print(f"  told:  pySigma: {known.pysigma}; tocsin: {known.tocsin}")
        print(f"  found: pySigma: {found[0]}; tocsin: {found[1]}")
        print(indented(to_yaml(rule.documents(False))))
    return len(ALL), wrong
