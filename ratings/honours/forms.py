"""What the pages of honours send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from litestar.datastructures import FormMultiDict

from market.kernel.i18n import N_
from market.web.forms import Fields
from ratings.honours.actions import NewHonour
from ratings.honours.rules import Level

LABELS: Final[Mapping[str, str]] = {
    "level": N_("Level of whoever awarded it"), "title": N_("Name of the honour"), "issuer": N_("Awarded by"),
    "certificate": N_("Number of the certificate or document"), "awarded_on": N_("Day on the certificate"),
    "file": N_("Scan of the certificate"), "outcome": N_("Decision"), "reason": N_("Why it is not recognised"),
    "withdrawal": N_("Why it is withdrawn"),
}  # fmt: skip
LINE_MAX: Final = 120
REASON_MIN, REASON_MAX = 10, 500


async def parse_honour(form: FormMultiDict, *, limit: int) -> NewHonour:
    fields = Fields(form)
    level = fields.choice("level", LABELS["level"], set(Level))
    title = fields.text("title", LABELS["title"], min_length=4, max_length=LINE_MAX)
    issuer = fields.text("issuer", LABELS["issuer"], min_length=4, max_length=LINE_MAX)
    certificate = fields.text("certificate", LABELS["certificate"], min_length=2, max_length=LINE_MAX)
    awarded_on = fields.day("awarded_on", LABELS["awarded_on"])
    uploads = await fields.uploads("file", LABELS["file"], limit=limit, most=1, required=True)
    fields.check()
    assert awarded_on is not None
    return NewHonour(Level(level), title, issuer, certificate, awarded_on, uploads[0])


def parse_decision(form: FormMultiDict) -> tuple[str, str]:
    fields = Fields(form)
    outcome = fields.choice("outcome", LABELS["outcome"], ("accepted", "refused"))
    refused = outcome == "refused"
    reason = fields.text("reason", LABELS["reason"], max_length=REASON_MAX, min_length=REASON_MIN if refused else 0,
                         required=refused)  # fmt: skip
    fields.check()
    return outcome, reason if refused else ""


def parse_withdrawal(form: FormMultiDict) -> str:
    fields = Fields(form)
    reason = fields.text("reason", LABELS["withdrawal"], min_length=REASON_MIN, max_length=REASON_MAX)
    fields.check()
    return reason
