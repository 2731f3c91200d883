"""What the pages of a contract's files send."""

from __future__ import annotations

from dataclasses import dataclass

from litestar.datastructures import FormMultiDict

from market.kernel.files import Upload
from market.kernel.i18n import N_
from market.web.forms import Fields
from projects.contracts.forms import REASON_MAX, REASON_MIN


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
