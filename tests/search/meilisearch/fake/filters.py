"""Filter expressions: `a = "x" AND (b IN ["1", "2"] OR NOT c >= 3)`. Anything else is refused, as a server does."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

Test = Callable[[Mapping[str, Any]], bool]
_TOKEN = re.compile(r"""\s*(?:("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(>=|<=|!=|[=<>()\[\],])|([^\s"'()\[\],=<>!]+))""")
_WORDS = ("AND", "OR", "NOT", "IN", "TO", "EXISTS")


class BadFilter(Exception):
    """Says what is wrong with the expression."""


@dataclass
class _Tokens:
    found: list[tuple[str, bool]]  # text, and whether it was quoted
    place: int = 0

    def peek(self) -> str | None:
        if self.place >= len(self.found):
            return None
        text, quoted = self.found[self.place]
        return None if quoted else text

    def take(self) -> tuple[str, bool]:
        if self.place >= len(self.found):
            raise BadFilter("the expression ends too early")
        self.place += 1
        return self.found[self.place - 1]

    def skip(self, wanted: str) -> bool:
        if self.peek() == wanted:
            self.place += 1
            return True
        return False

    def need(self, wanted: str) -> None:
        if not self.skip(wanted):
            raise BadFilter(f"{wanted} is missing")

    @property
    def over(self) -> bool:
        return self.place >= len(self.found)


def parse(given: Any, filterable: Collection[str]) -> Test:
    """A string, or a list whose members are all needed, each a string or a list of which one is enough."""
    if given is None:
        return lambda document: True
    if isinstance(given, str):
        return _parse_text(given, filterable)
    parts = [_either(part, filterable) for part in given]
    return lambda document: all(part(document) for part in parts)


def _either(part: Any, filterable: Collection[str]) -> Test:
    if isinstance(part, str):
        return _parse_text(part, filterable)
    choices = [_parse_text(choice, filterable) for choice in part]
    return lambda document: any(choice(document) for choice in choices)


def _parse_text(text: str, filterable: Collection[str]) -> Test:
    if not text.strip():
        return lambda document: True
    tokens = _Tokens(_cut(text))
    test = _any_of(tokens, filterable)
    if not tokens.over:
        raise BadFilter(f"{tokens.take()[0]!r} was not expected")
    return test


def _cut(text: str) -> list[tuple[str, bool]]:
    found, place = [], 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None:
            raise BadFilter(f"nothing can begin with {text[place : place + 10]!r}")
        place = match.end()
        quoted = match.group(1)
        found.append(
            (re.sub(r"\\(.)", r"\1", quoted[1:-1]), True) if quoted else (match.group(2) or match.group(3), False)
        )
    return found


def _any_of(tokens: _Tokens, filterable: Collection[str]) -> Test:
    tests = [_all_of(tokens, filterable)]
    while tokens.skip("OR"):
        tests.append(_all_of(tokens, filterable))
    return lambda document: any(test(document) for test in tests)


def _all_of(tokens: _Tokens, filterable: Collection[str]) -> Test:
    tests = [_one(tokens, filterable)]
    while tokens.skip("AND"):
        tests.append(_one(tokens, filterable))
    return lambda document: all(test(document) for test in tests)


def _one(tokens: _Tokens, filterable: Collection[str]) -> Test:
    if tokens.skip("NOT"):
        inner = _one(tokens, filterable)
        return lambda document: not inner(document)
    if tokens.skip("("):
        inner = _any_of(tokens, filterable)
        tokens.need(")")
        return inner
    name, _ = tokens.take()
    if name in _WORDS or name not in filterable:
        raise BadFilter(f"Attribute `{name}` is not filterable.")
    return _condition(name, tokens)


def _condition(name: str, tokens: _Tokens) -> Test:
    sign, quoted = tokens.take()
    if quoted:
        raise BadFilter("an operator is missing")
    if sign == "IN":
        return _one_of(name, tokens)
    if sign in ("=", "!="):
        value = tokens.take()[0]
        return lambda document: (value in _texts(document, name)) == (sign == "=")
    if sign in (">", ">=", "<", "<="):
        bound = _number(tokens.take()[0])
        return lambda document: any(_holds(number, sign, bound) for number in _numbers(document, name))
    low = _number(sign)
    tokens.need("TO")
    high = _number(tokens.take()[0])
    return lambda document: any(low <= number <= high for number in _numbers(document, name))


def _one_of(name: str, tokens: _Tokens) -> Test:
    tokens.need("[")
    values = set()
    while not tokens.skip("]"):
        values.add(tokens.take()[0])
        if not tokens.skip(","):
            tokens.need("]")
            break
    return lambda document: bool(values & _texts(document, name))


def _holds(number: float, sign: str, bound: float) -> bool:
    return {">": number > bound, ">=": number >= bound, "<": number < bound, "<=": number <= bound}[sign]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as wrong:
        raise BadFilter(f"{text!r} is no number") from wrong


def _all(document: Mapping[str, Any], name: str) -> list[Any]:
    value = document.get(name)
    return value if isinstance(value, list) else [] if value is None else [value]


def _texts(document: Mapping[str, Any], name: str) -> set[str]:
    return {str(value).lower() if isinstance(value, bool) else str(value) for value in _all(document, name)}


def _numbers(document: Mapping[str, Any], name: str) -> list[float]:
    return [value for value in _all(document, name) if isinstance(value, int | float) and not isinstance(value, bool)]
