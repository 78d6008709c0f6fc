# SPDX-License-Identifier: Apache-2.0
"""Small alphabets, so that rules and events often meet, and Sigma's spelling of texts."""

from __future__ import annotations

import base64
import random
from typing import Any, Callable

ASCII = ["alpha", "Beta", "gamma", "a*b", "x?y", "c\\d", "e\\\\f", "100%", "x_y", "it's"]
ASCII += ['"q"', "[z]", "(p|q)", "\n", "\t", ".", "a.c", "^$", "7"]
DASHES = ["-flag", "/flag", "–flag", "—flag", "―flag", "a-b", "x/y", "--f", "alpha", " "]
# One case of each letter: LIKE folds ASCII only (docs/DIFFERENTIAL.md, "case").
SCRIPTS = ["é", "Ж", "ß", "İ", "日本", "😀", "e\u0301", "ÿ", "alpha", "Beta", "a*b", "-"]
WORDS = ["alpha", "beta", "gamma-7", "delta x", "omega"]
NUMBERS: list[Any] = [-3, -1, 0, 1, 2, 7, 2.5, 7.0, -0.25, 1000000, 9007199254740991]
# Without zones (docs/DIFFERENTIAL.md, "zone").
DATES = ["2026-01-01T10:00:00Z", "2023-12-31T23:59:59.999Z", "2025-06-15"]
DATES += ["2018-01-01T00:00:00Z", "2018-06-30 23:59:59", "2024-02-29T04:05:06.789Z"]
DATES += ["2024-03-01T00:30:00", "2024-07-31 23:30", "2024-12-29T12:07:00Z"]
ADDRESSES = ["10.0.0.1", "10.1.2.3", "10.255.255.255", "11.0.0.0", "172.16.5.4", "172.32.0.1"]
ADDRESSES += ["192.168.0.7", "192.168.0.130", "192.168.1.7", "8.8.8.8"]
ADDRESSES_6 = ["2001:db8::1", "2001:db8:1::5", "2001:db9::1", "fe80::1", "fe80::abcd:1", "::1"]
NETWORKS = ["10.0.0.0/8", "10.1.0.0/16", "172.16.0.0/12", "192.168.0.0/24", "192.168.0.0/25"]
NETWORKS += ["192.168.0.128/25", "192.168.0.0/23", "10.1.2.3/32", "0.0.0.0/1", "128.0.0.0/1"]
NETWORKS_6 = ["2001:db8::/32", "fe80::/64"]


def text(chance: random.Random, atoms: list[str], most: int = 4) -> str:
    """A text of a few atoms."""
    parts = [chance.choice(atoms) for _ in range(chance.randint(1, most))]
    return chance.choice(["", " ", " "]).join(parts)


def recased(chance: random.Random, value: str) -> str:
    """The text with the case of its ASCII letters changed."""
    change: Callable[[str], str] = chance.choice([str, str, str.upper, str.lower, str.swapcase])
    return "".join(change(letter) if letter.isascii() else letter for letter in value)


def escaped(chance: random.Random, value: str) -> str:
    """The text as a Sigma value that means it literally."""
    result = ""
    for index, letter in enumerate(value):
        following = value[index + 1 : index + 2]
        if letter in "*?":
            result += "\\" + letter
        elif letter == "\\":
            # A backslash before another letter is itself, written once or twice.
            free = following and following not in "*?\\"
            result += "\\" if free and chance.random() < 0.5 else "\\\\"
        else:
            result += letter
    return result


def pattern(chance: random.Random, texts: list[str], place: str = "", wild: float = 0.3) -> str:
    """A Sigma value made of one of the texts, of its start, end or middle, with wildcards."""
    value = recased(chance, chance.choice(texts))
    start, end = sorted(chance.randint(0, len(value)) for _ in range(2))
    if place == "|contains":
        value = value[start:end] or value
    elif place == "|startswith":
        value = value[:end] or value
    elif place == "|endswith":
        value = value[start:] or value
    if chance.random() >= wild:
        return escaped(chance, value)
    cut = chance.randint(0, len(value))
    mark = chance.choice(["*", "*", "?", "**", "?*", "??"])
    gone = chance.choice([0, len(mark), chance.randint(0, len(value) - cut)])
    # A backslash right before the wildcard would take its meaning away.
    return escaped(chance, value[:cut] + "\\")[:-2] + mark + escaped(chance, value[cut + gone :])


def encoded(chance: random.Random, words: list[str]) -> str:
    """A word in base64 somewhere in a text, in bytes or as UTF-16."""
    word = chance.choice(["", "x", "xy", "xyz"]) + chance.choice(words) + chance.choice(["", "!"])
    kind = chance.choice(["utf-8", "utf-8", "utf-16-le", "utf-16-be"])
    code = base64.b64encode(word.encode(kind)).decode()
    return chance.choice(["", "run "]) + code + chance.choice(["", " now"])


def expression(chance: random.Random) -> str:
    """A regular expression of the metacharacters that Sigma's specification names.

    Some are found in every text.
    """
    return chance.choice(["", "", "^"]) + _pieces(chance, 2) + chance.choice(["", "", "$"])


def _pieces(chance: random.Random, depth: int) -> str:
    parts = []
    for _ in range(chance.randint(1, 3)):
        kind = chance.random()
        if kind < 0.5 or depth == 0:
            piece = chance.choice(["alpha", "Beta", "gam", "a", "7", "\\.", "\\*", " ", "x\\?y"])
        elif kind < 0.65:
            piece = chance.choice(["[a-m]", "[^a]", "[A-Z0-9]", "."])
        else:
            choices = [_pieces(chance, depth - 1) for _ in range(chance.randint(1, 2))]
            piece = "(" + "|".join(choices) + ")"
        # A quantifier binds one item only: a letter, a class or a group.
        single = len(piece) == 1 or piece[0] in "[("
        if single and chance.random() < 0.4:
            # Python tries all ways to part a text among open repeats of what is ambiguous.
            is_open = not (piece[0] == "(" and set(piece) & set("*+?{[."))
            piece += chance.choice(["?", "{2}", "{1,3}", "{0,2}"] + ["*", "+"] * is_open)
        parts.append(piece)
    return "".join(parts)
