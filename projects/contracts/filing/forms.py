"""What the page of filing sends."""

from __future__ import annotations

from litestar.datastructures import FormMultiDict

from market.kernel.i18n import N_
from market.web.forms import Fields
from projects.contracts.filing.actions import NewFiling


def parse_filing(form: FormMultiDict) -> NewFiling:
    fields = Fields(form)
    authority = fields.text("authority", N_("Authority"), min_length=2, max_length=80)
    reference = fields.text("reference", N_("Filing number"), max_length=60)
    filed_on = fields.day("filed_on", N_("Filed on"))
    fields.check()
    assert filed_on is not None
    return NewFiling(authority, reference, filed_on)
