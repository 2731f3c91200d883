from __future__ import annotations

from litestar.datastructures import FormMultiDict

from market.kernel.i18n import N_
from market.web.forms import Fields
from ratings.decisions.actions import Restrict

REASON_MIN, REASON_MAX = 10, 500


def parse_restrict(form: FormMultiDict, terms: tuple[int, ...]) -> Restrict:
    fields = Fields(form)
    code = fields.credit_code("code", N_("Credit code of the agency"))
    reason = fields.text("reason", N_("Reason"), max_length=REASON_MAX, min_length=REASON_MIN)
    years = fields.choice("years", N_("Term"), [str(term) for term in terms])
    evidence_no = fields.integer("evidence", N_("Register entry"), low=1, high=10**12 - 1)
    fields.check()
    return Restrict(code, reason, int(years), evidence_no or 0)


def parse_reason(form: FormMultiDict) -> str:
    fields = Fields(form)
    reason = fields.text("reason", N_("Reason"), max_length=REASON_MAX, min_length=REASON_MIN)
    fields.check()
    return reason


def confirmed(form: FormMultiDict) -> bool:
    """Whether this came from the page that shows what was entered and what follows."""
    return form.get("confirmed") == "yes"
