"""Papers of payment as PDF: what they say as data for the one template that sets them. The same facts give the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import rfc8785

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.typesetting import typeset
from projects.contracts.clauses import words
from projects.contracts.documents.paper import qr_svg

Text = Message | str
_CHECK = N_("Scan or open this address to see the live state and the register entries")
_FINGERPRINT = N_("Fingerprint of these facts (SHA-256)")


@dataclass(frozen=True)
class Grid:
    """`widths`: in parts of the page; `right`: columns of numbers. `foot`: a last row in bold, or nothing."""

    head: tuple[Message, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    right: tuple[int, ...] = ()
    foot: tuple[str, ...] = ()
    title: Message | None = None


@dataclass(frozen=True)
class Sheet:
    """`number`: what it is filed under; `about`: below the title; `address`: where it can be checked."""

    title: Message
    number: str
    issuer: str
    on: date
    about: str
    facts: tuple[tuple[Message, Text], ...]
    grids: tuple[Grid, ...]
    notes: tuple[Message, ...]
    address: str
    bilingual: bool = False
    entries: Sequence[str] = field(default=())

    @property
    def data(self) -> dict[str, Any]:
        """What the template reads, but for code and fingerprint."""
        return {
            "language": "zh-en" if self.bilingual else "zh", "title": _both(self.title), "number": self.number,
            "issuer": self.issuer, "date": [self.on.year, self.on.month, self.on.day], "about": self.about,
            "facts": [{"label": _both(label), "value": _value(value)} for label, value in self.facts],
            "grids": [_grid(grid) for grid in self.grids], "notes": [_both(note) for note in self.notes],
            "address": self.address, "entries": list(self.entries),
        }  # fmt: skip

    @property
    def sha256(self) -> str:
        """Of the facts in canonical JSON: the same in every language of the visitor."""
        facts = {**self.data, "language": "zh"}
        return hashlib.sha256(rfc8785.dumps(facts)).hexdigest()


def said(text: str) -> str:
    """A text of ours within a table, in the language that decides."""
    return words(Message(text)).zh


def _both(message: Message) -> dict[str, str]:
    said = words(message)
    return {"zh": said.zh, "en": said.en}


def _value(value: Text) -> str:
    return value if isinstance(value, str) else words(value).zh


def _grid(grid: Grid) -> dict[str, Any]:
    return {
        "head": [_both(one) for one in grid.head], "rows": [list(row) for row in grid.rows], "widths": list(grid.widths),
        "right": list(grid.right), "foot": list(grid.foot), "title": _both(grid.title) if grid.title else None,
    }  # fmt: skip


async def pdf_of(sheet: Sheet) -> bytes:
    """Deterministic: no clock, nothing from the machine. Raises FontsMissing."""
    extra = {
        "qr": qr_svg(sheet.address), "check": _both(Message(_CHECK)), "hash": sheet.sha256,
        "hash_label": _both(Message(_FINGERPRINT)),
    }  # fmt: skip
    return await typeset("payments/sheet.typ", sheet.data | extra)
