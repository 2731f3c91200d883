"""Forms: from what the browser sent to plain values, with *all* errors at once.

fields = Fields(form)
title = fields.text("title", N_("Title"), max_length=80)
budget = fields.money("budget", N_("Budget"), required=False)
fields.check()            # raises FormInvalid with every error collected so far
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.datastructures import FormMultiDict, UploadFile
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from market.kernel.calendar import BEIJING
from market.kernel.errors import FormInvalid, Message, Refusal
from market.kernel.files import Upload, check_upload
from market.kernel.i18n import N_
from market.kernel.money import BASIS_POINTS, Money
from market.web.display import percent

# Control characters, halves of surrogate pairs, and marks that turn the direction of what follows.
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_PERCENT = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,2}))?")
MOST_PAGES = 10_000
MAX_FEN = 100_000_000_000 * 100  # one hundred billion yuan: more is a typing error


def page_number(text: str) -> int:
    """The page of a list that an address asks for; the first one where it asks for nonsense."""
    return min(max(int(text), 1), MOST_PAGES) if text.isascii() and text.isdigit() and len(text) < 7 else 1


async def read_form(request: Request[Any, Any, Any]) -> FormMultiDict:
    return await request.form()


class Fields:
    """Reads one form. Each reader returns its value, or a harmless stand-in after noting what is wrong."""

    def __init__(self, form: FormMultiDict) -> None:
        self.form = form
        self.errors: defaultdict[str, list[Message]] = defaultdict(list)

    def check(self) -> None:
        if self.errors:
            raise FormInvalid(dict(self.errors))

    def wrong(self, name: str, text: str, **facts: Any) -> None:
        self.errors[name].append(Message(text, facts))

    def raw(self, name: str) -> str:
        value = self.form.get(name)
        return value.strip() if isinstance(value, str) else ""

    def _needed(self, name: str, label: str, *, required: bool) -> str:
        text = self.raw(name)
        if required and not text:
            self.wrong(name, N_("Please fill in: {label}."), label=Message(label))
        return text

    def text(self, name: str, label: str, *, max_length: int = 200, min_length: int = 0, required: bool = True) -> str:
        text = self._needed(name, label, required=required).replace("\r\n", "\n")
        if len(text) > max_length:
            self.wrong(name, N_("{label} has {length} characters; at most {limit} fit."), label=Message(label),
                       length=len(text), limit=max_length)  # fmt: skip
        if text and len(text) < min_length:
            self.wrong(name, N_("{label} needs at least {limit} characters, so that others understand it."),
                       label=Message(label), limit=min_length)  # fmt: skip
        if _UNSHOWABLE.search(text):
            self.wrong(name, N_("{label} contains characters that cannot be shown."), label=Message(label))
        return text

    def integer(self, name: str, label: str, *, low: int, high: int, required: bool = True) -> int | None:
        text = self._needed(name, label, required=required)
        if not text:
            return None
        digits = text.removeprefix("-")
        if not digits.isascii() or not digits.isdigit() or len(digits) > 12 or not low <= int(text) <= high:
            self.wrong(name, N_("{label} must be a whole number from {low} to {high}."), label=Message(label),
                       low=low, high=high)  # fmt: skip
            return None
        return int(text)

    def money(self, name: str, label: str, *, required: bool = True, positive: bool = True) -> Money | None:
        text = self._needed(name, label, required=required)
        if not text:
            return None
        try:
            amount = Money.parse(text)
        except ValueError:
            self.wrong(name, N_("{label} must be an amount in yuan such as 12300 or 12,300.50."), label=Message(label))
            return None
        if amount.fen > MAX_FEN or (positive and amount.fen == 0):
            self.wrong(name, N_("{label} must be more than 0 and less than 100 billion yuan."), label=Message(label))
            return None
        return amount

    def percent(
        self, name: str, label: str, *, low: int = 0, high: int = BASIS_POINTS, required: bool = True
    ) -> int | None:
        """A percentage with at most two decimals, in basis points; so are `low` and `high`."""
        text = self._needed(name, label, required=required)
        if not text:
            return None
        share = percent_of(text)
        if share is None or not low <= share <= high:
            self.wrong(name, N_("{label} must be a percentage from {low} to {high} with at most two decimals, such as 12.5."),
                       label=Message(label), low=percent(low), high=percent(high))  # fmt: skip
            return None
        return share

    def day(self, name: str, label: str, *, required: bool = True) -> date | None:
        text = self._needed(name, label, required=required)
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = date.min
        if not 1950 <= day.year <= 2150:
            self.wrong(name, N_("{label} must be a date such as 2026-11-21."), label=Message(label))
            return None
        return day

    def moment(self, name: str, label: str, *, required: bool = True) -> datetime | None:
        """A Beijing wall-clock time as the browser's datetime-local field sends it."""
        text = self._needed(name, label, required=required)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = datetime.min  # noqa: DTZ901  (only to fail the next test)
        if moment.tzinfo is not None or not 2000 <= moment.year <= 2150:
            self.wrong(name, N_("{label} must be a date and time such as 2026-11-21 17:00 (Beijing time)."),
                       label=Message(label))  # fmt: skip
            return None
        return moment.replace(tzinfo=BEIJING)

    def choice(self, name: str, label: str, allowed: Collection[str], *, required: bool = True) -> str:
        text = self._needed(name, label, required=required)
        if text and text not in allowed:
            self.wrong(name, N_("{label}: choose one of the options."), label=Message(label))
            return ""
        return text

    def choices(
        self, name: str, label: str, allowed: Collection[str] | None = None, *, required: bool = True
    ) -> list[str]:
        given = [value for value in self.form.getall(name, []) if isinstance(value, str) and value]
        if required and not given:
            self.wrong(name, N_("{label}: choose at least one."), label=Message(label))
        if allowed is not None and any(value not in allowed for value in given):
            self.wrong(name, N_("{label}: choose one of the options."), label=Message(label))
            return []
        return list(dict.fromkeys(given))

    def flag(self, name: str) -> bool:
        return self.raw(name) in {"on", "1", "true", "yes"}

    def identifier(self, name: str, label: str, *, required: bool = True) -> UUID | None:
        text = self._needed(name, label, required=required)
        if not text:
            return None
        try:
            return UUID(text)
        except ValueError:
            self.wrong(name, N_("{label}: choose one of the options."), label=Message(label))
            return None

    def credit_code(self, name: str, label: str, *, required: bool = True) -> str:
        """A unified social credit code, with its check digit verified (GB 32100)."""
        text = self._needed(name, label, required=required)
        if not text:
            return ""
        try:
            return uscc.validate(text)
        except ValidationError:
            self.wrong(name, N_("{label}: this is no valid unified social credit code (18 characters; its last one is a check digit)."),
                       label=Message(label))  # fmt: skip
            return ""

    async def upload(self, name: str, label: str, *, limit: int, required: bool = True) -> Upload | None:
        uploads = await self.uploads(name, label, limit=limit, required=required)
        return uploads[0] if uploads else None

    async def uploads(
        self, name: str, label: str, *, limit: int, required: bool = True, most: int = 10
    ) -> list[Upload]:
        sent = [part for part in self.form.getall(name, []) if isinstance(part, UploadFile) and part.filename]
        if required and not sent:
            self.wrong(name, N_("Please choose a file: {label}."), label=Message(label))
        if len(sent) > most:
            self.wrong(name, N_("{label}: at most {most} files."), label=Message(label), most=most)
            return []
        return [upload for part in sent if (upload := await self._checked(name, part, limit)) is not None]

    async def _checked(self, name: str, part: UploadFile, limit: int) -> Upload | None:
        content = await part.read(limit + 1)
        try:
            return check_upload(part.filename, content, limit=limit)
        except Refusal as refusal:
            self.errors[name].append(refusal.message)
            return None


def percent_of(text: str) -> int | None:
    """Basis points of a percentage as people write it ("12.5"); None for anything else."""
    match = _PERCENT.fullmatch(text.strip().removesuffix("%").strip())
    if match is None or not text.isascii():
        return None
    return int(match.group(1)) * 100 + int((match.group(2) or "").ljust(2, "0"))


def keep_values(form: FormMultiDict, names: Iterable[str] = ()) -> dict[str, Any]:
    """What was typed, to show the form again as it was: name -> text, or list of texts for `names`. No files."""
    kept: dict[str, Any] = {name: value for name, value in form.items() if isinstance(value, str)}
    for name in names:
        kept[name] = [value for value in form.getall(name, []) if isinstance(value, str)]
    return kept
