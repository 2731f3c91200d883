"""What the contract pages send."""

from __future__ import annotations

from litestar.datastructures import FormMultiDict

from market.kernel.i18n import N_
from market.web.forms import Fields

REASON_MIN, REASON_MAX = 10, 1000


def parse_signature(form: FormMultiDict) -> str:
    """The fingerprint of the terms that were shown, once the reader said that they were read."""
    fields = Fields(form)
    shown = fields.text("terms_sha256", N_("Fingerprint of the terms"), max_length=64)
    if not fields.flag("agree"):
        fields.wrong("agree", N_("Please confirm that you have read the terms and sign for your organisation."))
    fields.check()
    return shown


def parse_refusal(form: FormMultiDict) -> tuple[str, bool]:
    """The reason, and whether the page that says what it costs was already seen and confirmed."""
    fields = Fields(form)
    reason = fields.text("reason", N_("Reason"), min_length=REASON_MIN, max_length=REASON_MAX)
    fields.check()
    return reason, fields.flag("confirmed")
