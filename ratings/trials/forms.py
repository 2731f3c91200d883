"""What the page of a trial sends: a rulebook file, or the numbers of the one in force with some of them changed."""

from __future__ import annotations

import re
from typing import Final

from litestar.datastructures import FormMultiDict, UploadFile

from market.catalogue.labels import UNITS
from market.catalogue.rules import Rule, Rulebook, Unit
from market.kernel.errors import FormInvalid, Message
from market.kernel.i18n import N_
from ratings.credit.trial import GROUPS, TrialInvalid, Value, read_numbers, with_numbers

FILE_MOST = 1_000_000  # bytes
# Kept as whole hundredths of what is shown.
_HUNDREDTHS: Final = frozenset({Unit.BASIS_POINTS, Unit.HUNDREDTHS, Unit.FEN})
# Of credit, tiers and pauses: counts are of times, and hundredths are of points.
_OTHER_UNITS: Final = {
    Unit.BASIS_POINTS: "%", Unit.FEN: N_("yuan"), Unit.COUNT: N_("times"), Unit.HUNDREDTHS: N_("points"),
}  # fmt: skip
_NUMBER: Final = re.compile(r"(\d{1,9})(?:\.(\d{1,2}))?", re.ASCII)


def editable(book: Rulebook) -> list[Rule]:
    """The numbers that can be tried."""
    return [rule for rule in book.listed if rule.key.startswith(GROUPS)]


def shown(rule: Rule, value: object) -> str:
    """A value as people write it, without its unit: shares in percent, money in yuan, hundredths as parts of one."""
    return ", ".join(_written(rule.unit, one) for one in (value if isinstance(value, tuple) else (value,)))


def _written(unit: Unit, value: object) -> str:
    if unit not in _HUNDREDTHS or not isinstance(value, int):
        return str(value)
    return f"{value // 100}.{value % 100:02d}".rstrip("0").rstrip(".")


def unit_of(rule: Rule) -> str:
    """The message id of the unit in which `shown` writes; empty where there is none."""
    return UNITS.get(rule.unit, _OTHER_UNITS.get(rule.unit, ""))


async def parse_trial(form: FormMultiDict, book: Rulebook) -> dict[str, Value]:
    """Only what differs. Raises FormInvalid with all that is wrong: with single numbers, or with all of them together."""
    numbers = await _from_file(form) or _typed(form, book)
    changed = {key: value for key, value in numbers.items() if key not in book.rules or book.rules[key].value != value}
    if not changed:
        raise FormInvalid({"file": [Message(N_("All numbers are those in force: change one, or choose a file."))]})
    try:
        with_numbers(book, changed)
    except TrialInvalid as problem:
        raise FormInvalid({"file": problem.problems}) from problem
    return changed


async def _from_file(form: FormMultiDict) -> dict[str, Value] | None:
    sent = form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        return None
    content = await sent.read()
    if len(content) > FILE_MOST:
        raise FormInvalid({"file": [Message(N_("The file is too long for a rulebook."))]})
    try:
        return read_numbers(content.decode("utf8"))
    except UnicodeDecodeError as problem:
        raise FormInvalid({"file": [Message(N_("The file is not UTF-8 text."))]}) from problem
    except TrialInvalid as problem:
        raise FormInvalid({"file": problem.problems}) from problem


def _typed(form: FormMultiDict, book: Rulebook) -> dict[str, Value]:
    found, errors = {}, {}
    for rule in editable(book):
        typed = form.get(rule.key)
        if not isinstance(typed, str):
            continue
        value = _value(typed, rule)
        if value is None:
            errors[rule.key] = [Message(N_("Give it like {example}, in digits."), {"example": shown(rule, rule.value)})]
        else:
            found[rule.key] = value
    if errors:
        raise FormInvalid(errors)
    return found


def _value(typed: str, rule: Rule) -> Value | None:
    if isinstance(rule.value, bool | str):
        return rule.value
    numbers = tuple(_read(word, rule.unit) for word in re.split(r"[\s,，、]+", typed.strip()))
    if None in numbers or len(numbers) != len(rule.values):
        return None
    found = tuple(one for one in numbers if one is not None)
    return found if isinstance(rule.value, tuple) else found[0]


def _read(word: str, unit: Unit) -> int | None:
    """What `_written` writes, back."""
    match = _NUMBER.fullmatch(word)
    if match is None or (match[2] and unit not in _HUNDREDTHS):
        return None
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0")) if unit in _HUNDREDTHS else int(match[1])
