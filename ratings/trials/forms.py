"""What the page of a trial sends: a rulebook file, or the numbers of the one in force with some of them changed."""

from __future__ import annotations

import re

from litestar.datastructures import FormMultiDict, UploadFile

from market.catalogue.rules import Rule, Rulebook
from market.kernel.errors import FormInvalid, Message
from market.kernel.i18n import N_
from ratings.credit.trial import GROUPS, TrialInvalid, Value, read_numbers, with_numbers

FILE_MOST = 1_000_000  # bytes


def editable(book: Rulebook) -> list[Rule]:
    """The numbers that can be tried."""
    return [rule for rule in book.listed if rule.key.startswith(GROUPS)]


def shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


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
        value = _value(typed, rule.value)
        if value is None:
            errors[rule.key] = [Message(N_("Give it like {example}, in digits."), {"example": shown(rule.value)})]
        else:
            found[rule.key] = value
    if errors:
        raise FormInvalid(errors)
    return found


def _value(typed: str, like: object) -> Value | None:
    if isinstance(like, bool | str):
        return like
    words = re.split(r"[\s,，、]+", typed.strip())
    if not all(word.isascii() and word.isdigit() and len(word) < 10 for word in words):
        return None
    numbers = tuple(int(word) for word in words)
    if isinstance(like, tuple):
        return numbers if len(numbers) == len(like) else None
    return numbers[0] if len(numbers) == 1 else None
