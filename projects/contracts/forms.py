"""What the contract pages send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from litestar.datastructures import FormMultiDict

from market.kernel.files import Upload
from market.kernel.i18n import N_
from market.web.forms import Fields
from projects.contracts.plans import SPECIAL_MAX, Plan, mistakes
from projects.contracts.terms import LANGUAGES
from projects.milestones import TITLE_MAX, Numbers, PlannedMilestone

REASON_MIN, REASON_MAX = 10, 1000


def parse_signature(form: FormMultiDict) -> str:
    """The fingerprint of the terms that were shown, once the reader said that they were read."""
    fields = Fields(form)
    shown = fields.text("terms_sha256", N_("Fingerprint of the terms"), max_length=64)
    if not fields.flag("agree"):
        fields.wrong("agree", N_("Please confirm that you have read the terms and sign for your organisation."))
    fields.check()
    return shown


@dataclass(frozen=True)
class Paper:
    upload: Upload
    terms_sha256: str


@dataclass(frozen=True)
class PaperAnswer:
    confirms: bool
    sha256: str
    terms_sha256: str
    reason: str


async def parse_shown_file(form: FormMultiDict, *, limit: int) -> Upload:
    """A PDF that somebody wants to have checked."""
    fields = Fields(form)
    upload = await _pdf(fields, limit)
    fields.check()
    assert upload is not None
    return upload


async def _pdf(fields: Fields, limit: int) -> Upload | None:
    upload = await fields.upload("file", N_("Contract as PDF"), limit=limit)
    if upload is not None and upload.media_type != "application/pdf":
        fields.wrong("file", N_("Send one PDF file with all pages."))
        return None
    return upload


async def parse_paper(form: FormMultiDict, *, limit: int) -> Paper:
    fields = Fields(form)
    upload = await _pdf(fields, limit)
    terms_sha256 = fields.text("terms_sha256", N_("Fingerprint of the terms"), max_length=64)
    if not fields.flag("agree"):
        fields.wrong(
            "agree",
            N_("Please confirm that the scan is the contract with these terms, signed and sealed by your side."),
        )
    fields.check()
    assert upload is not None
    return Paper(upload, terms_sha256)


def parse_paper_answer(form: FormMultiDict) -> PaperAnswer:
    fields = Fields(form)
    confirms = fields.choice("answer", N_("Your answer"), ("confirm", "refuse")) == "confirm"
    sha256 = fields.text("sha256", N_("Fingerprint of the file"), max_length=64, required=confirms)
    terms_sha256 = fields.text("terms_sha256", N_("Fingerprint of the terms"), max_length=64, required=confirms)
    reason = fields.text("reason", N_("Reason"), min_length=REASON_MIN, max_length=REASON_MAX, required=not confirms)
    if confirms and not fields.flag("agree"):
        fields.wrong(
            "agree", N_("Please confirm that you checked every page of this file and sign it for your organisation.")
        )
    fields.check()
    return PaperAnswer(confirms, sha256, terms_sha256, reason)


@dataclass(frozen=True)
class DraftAnswer:
    no: int
    agrees: bool
    reason: str


def parse_plan(
    form: FormMultiDict, *, price_fen: int, service_days: int, number: Numbers, stated: Sequence[PlannedMilestone] = ()
) -> Plan:
    """Rows are numbered from 1; a row without a title is no milestone. What departs from the result is an error here.
    `stated`: the milestones of the notice, which are not asked for again."""
    fields = Fields(form)
    rows = range(1, number("contract.milestones_max") + 1)
    milestones = list(stated) or [one for no in rows if (one := _planned(fields, no, service_days)) is not None]
    language = fields.choice("language", N_("Language"), LANGUAGES)
    special = tuple(line.strip() for line in fields.raw("special").splitlines() if line.strip())
    for text in special:
        if len(text) > SPECIAL_MAX:
            fields.wrong("special", N_("A special term has at most {most} characters."), most=SPECIAL_MAX)
    plan = Plan(tuple(milestones), language, special)
    if not fields.errors:
        for message in mistakes(plan, price_fen=price_fen, service_days=service_days, number=number):
            fields.wrong("special" if "words" in message.facts else "title_1", message.text, **message.facts)
    fields.check()
    return plan


def _planned(fields: Fields, no: int, service_days: int) -> PlannedMilestone | None:
    if not any(fields.raw(f"{name}_{no}") for name in ("title", "share", "days")):
        return None
    title = fields.text(f"title_{no}", N_("What is delivered"), max_length=TITLE_MAX)
    share = fields.percent(f"share_{no}", N_("Share"), low=1)
    days = fields.integer(f"days_{no}", N_("Time for the service"), low=1, high=service_days)
    return PlannedMilestone(title, share, days) if title and share and days else None


def parse_draft_answer(form: FormMultiDict) -> DraftAnswer:
    fields = Fields(form)
    agrees = fields.choice("answer", N_("Your answer"), ("agree", "decline")) == "agree"
    no = fields.integer("no", N_("Version"), low=1, high=10_000)
    reason = fields.text("reason", N_("Reason"), min_length=REASON_MIN, max_length=REASON_MAX, required=not agrees)
    fields.check()
    assert no is not None
    return DraftAnswer(no, agrees, reason)


def parse_refusal(form: FormMultiDict) -> tuple[str, bool]:
    """The reason, and whether the page that says what it costs was already seen and confirmed."""
    fields = Fields(form)
    reason = fields.text("reason", N_("Reason"), min_length=REASON_MIN, max_length=REASON_MAX)
    fields.check()
    return reason, fields.flag("confirmed")
