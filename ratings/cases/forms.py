"""What the pages of cases send."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from litestar.datastructures import FormMultiDict

from market.kernel.errors import FormInvalid, Message
from market.kernel.files import Upload
from market.kernel.i18n import N_
from market.register.queries import Entry
from market.web.forms import Fields
from ratings.cases.actions import Minutes, NewAppeal, RepairRequest, Ruling, Statement
from ratings.cases.rules import Appeal, Sanction, Violation
from ratings.flags.queries.desk import entry_numbered

LABELS: Final[Mapping[str, str]] = {
    "code": N_("Credit code of the party, or number of an expert"), "violation": N_("What it is accused of"), "occurred_on": N_("Day on which it happened"),
    "facts": N_("Facts"), "legal_cause": N_("Provision it rests on"), "project": N_("Project number"),
    "entries": N_("Register entries that prove it"), "files": N_("Evidence files"), "event": N_("Event on its credit account"),
    "sanction": N_("Measure taken"), "text": N_("Your view"), "asks_hearing": N_("We ask to be heard in person"),
    "at": N_("Time of the hearing"), "place": N_("Place of the hearing"), "minutes": N_("Minutes"), "outcome": N_("Decision"),
    "reasons": N_("Reasons of the decision"), "appeal": N_("Grounds of the appeal"), "correction": N_("What was put right"),
    "pledge": N_("Pledge"), "tip_files": N_("Files of the tip"), "present": N_("Who was there"), "talk_at": N_("Time of the talk"),
    "talk_place": N_("Place of the talk"),
}  # fmt: skip
SOURCES: Final = ("event", "flag", "complaint", "tip")
TEXT_MIN, TEXT_MAX = 20, 6000
LINE_MIN, LINE_MAX = 4, 300
FILES_MOST: Final = 10
ENTRIES_MOST: Final = 20


@dataclass(frozen=True)
class Recorded:
    """A new case as it was typed; the firm and the event are looked up."""

    code: str
    violation: Violation
    occurred_on: date
    facts: str
    legal_cause: str
    project_number: str | None
    proofs: tuple[Entry, ...]
    uploads: tuple[Upload, ...]
    event_id: UUID | None
    flag_id: UUID | None
    complaint_id: UUID | None
    tip_id: UUID | None
    tip_files: frozenset[UUID]


def _paragraph(fields: Fields, name: str) -> str:
    return fields.text(name, LABELS[name], min_length=TEXT_MIN, max_length=TEXT_MAX)


def _line(fields: Fields, name: str) -> str:
    return fields.text(name, LABELS[name], min_length=LINE_MIN, max_length=LINE_MAX)


async def _files(fields: Fields, limit: int) -> tuple[Upload, ...]:
    return tuple(await fields.uploads("files", LABELS["files"], limit=limit, most=FILES_MOST, required=False))


async def parse_new(form: FormMultiDict, *, limit: int) -> Recorded:
    """`limit`: bytes a file. Raises FormInvalid with every mistake."""
    fields = Fields(form)
    code = fields.text("code", LABELS["code"], max_length=40)
    violation = fields.choice("violation", LABELS["violation"], set(Violation))
    occurred_on = fields.day("occurred_on", LABELS["occurred_on"])
    facts = _paragraph(fields, "facts")
    legal_cause = _line(fields, "legal_cause")
    project = fields.text("project", LABELS["project"], max_length=40, required=False)
    sources = {name: fields.identifier(name, name, required=False) for name in SOURCES}
    if sum(one is not None for one in sources.values()) > 1:
        fields.wrong("event", N_("A case comes from one event, flag, complaint or tip."))
    proofs, uploads = await _evidence(fields, limit)
    fields.check()
    assert occurred_on is not None
    return Recorded(code, Violation(violation), occurred_on, facts, legal_cause, project or None, proofs, uploads,
                    sources["event"], sources["flag"], sources["complaint"], sources["tip"], _identifiers(form, "tip_files"))  # fmt: skip


def _identifiers(form: FormMultiDict, name: str) -> frozenset[UUID]:
    """Of boxes that were ticked; what is no identifier was typed by nobody's browser."""
    found = set()
    for value in form.getall(name, []):
        with suppress(ValueError):
            found.add(UUID(str(value)))
    return frozenset(found)


async def parse_notice(
    form: FormMultiDict, offered: Collection[Sanction], *, limit: int
) -> tuple[Sanction, tuple[Entry, ...], tuple[Upload, ...]]:
    fields = Fields(form)
    chosen = _sanction(fields, offered, required=True)
    proofs, uploads = await _evidence(fields, limit)
    fields.check()
    assert chosen is not None
    return chosen, proofs, uploads


async def _evidence(fields: Fields, limit: int) -> tuple[tuple[Entry, ...], tuple[Upload, ...]]:
    text = fields.text("entries", LABELS["entries"], max_length=300, required=False)
    proofs = []
    for word in re.split(r"[\s,，、;；]+", text.strip())[:ENTRIES_MOST]:
        found = await entry_numbered(int(word)) if word.isascii() and word.isdigit() and len(word) < 13 else None
        if found is not None:
            proofs.append(found)
        elif word:
            fields.wrong("entries", N_("The register has no entry with the number {number}."), number=word)
    return tuple(proofs), await _files(fields, limit)


def _sanction(fields: Fields, offered: Collection[Sanction], *, required: bool) -> Sanction | None:
    codes = {one.code: one for one in offered}
    return codes.get(fields.choice("sanction", LABELS["sanction"], codes, required=required))


async def parse_statement(form: FormMultiDict, *, limit: int) -> Statement:
    fields = Fields(form)
    text = _paragraph(fields, "text")
    uploads = await _files(fields, limit)
    fields.check()
    return Statement(text, uploads, fields.flag("asks_hearing"))


def parse_hearing(form: FormMultiDict) -> tuple[datetime, str]:
    return _appointment(form, "at", "place")


def parse_talk(form: FormMultiDict) -> tuple[datetime, str]:
    return _appointment(form, "talk_at", "talk_place")


def _appointment(form: FormMultiDict, time: str, place: str) -> tuple[datetime, str]:
    fields = Fields(form)
    at, where = fields.moment(time, LABELS[time]), _line(fields, place)
    fields.check()
    assert at is not None
    return at, where


async def parse_minutes(form: FormMultiDict, *, limit: int) -> tuple[str, tuple[Upload, ...]]:
    fields = Fields(form)
    minutes = _paragraph(fields, "minutes")
    uploads = await _files(fields, limit)
    fields.check()
    return minutes, uploads


async def parse_talk_minutes(form: FormMultiDict, *, limit: int) -> Minutes:
    fields = Fields(form)
    present = _line(fields, "present")
    minutes = _paragraph(fields, "minutes")
    uploads = await _files(fields, limit)
    fields.check()
    return Minutes(present, minutes, uploads)


def parse_ruling(form: FormMultiDict, offered: Collection[Sanction]) -> tuple[Ruling, bool]:
    """The decision, and whether the page that says what follows was seen."""
    fields = Fields(form)
    outcome = fields.choice("outcome", LABELS["outcome"], ("founded", "unfounded"))
    chosen = _sanction(fields, offered, required=outcome == "founded") if outcome == "founded" else None
    reasons = _paragraph(fields, "reasons")
    fields.check()
    return Ruling(outcome, reasons, chosen, fields.flag("safety")), fields.flag("confirmed")


@dataclass(frozen=True)
class AppealRuling:
    outcome: Appeal
    reasons: str
    sanction: Sanction | None
    confirmed: bool


def parse_appeal_ruling(form: FormMultiDict, milder: Collection[Sanction]) -> AppealRuling:
    fields = Fields(form)
    allowed = set(Appeal) if milder else {Appeal.UPHELD, Appeal.ANNULLED}
    outcome = fields.choice("outcome", LABELS["outcome"], allowed)
    chosen = _sanction(fields, milder, required=True) if outcome == Appeal.CHANGED else None
    reasons = _paragraph(fields, "reasons")
    fields.check()
    return AppealRuling(Appeal(outcome), reasons, chosen, fields.flag("confirmed"))


async def parse_appeal(form: FormMultiDict, *, limit: int) -> NewAppeal:
    fields = Fields(form)
    text = _paragraph(fields, "appeal")
    uploads = await _files(fields, limit)
    fields.check()
    return NewAppeal(text, uploads)


async def parse_repair(form: FormMultiDict, *, limit: int) -> RepairRequest:
    fields = Fields(form)
    correction = _paragraph(fields, "correction")
    pledge = _paragraph(fields, "pledge")
    uploads = await _files(fields, limit)
    fields.check()
    return RepairRequest(correction, pledge, uploads)


def parse_repair_ruling(form: FormMultiDict) -> tuple[str, str]:
    fields = Fields(form)
    outcome = fields.choice("outcome", LABELS["outcome"], ("granted", "refused"))
    reasons = fields.text("reasons", LABELS["reasons"], min_length=10, max_length=TEXT_MAX)
    fields.check()
    return outcome, reasons


def not_there(field: str, text: str) -> FormInvalid:
    return FormInvalid({field: [Message(text)]})
