"""What the page of tokens sends."""

from __future__ import annotations

from litestar.datastructures import FormMultiDict

from market.accounts.tokens.actions import NewToken
from market.accounts.tokens.rules import NAME_MAX, TERMS, Scope, scopes_for, writes
from market.kernel.i18n import N_
from market.web.forms import Fields


def parse_token(form: FormMultiDict, kind: str) -> tuple[NewToken, str]:
    """`kind`: of the organisation. With it the code of the second factor, needed where the token may write."""
    fields = Fields(form)
    name = fields.text("name", N_("What the token is for"), max_length=NAME_MAX, min_length=2)
    offered = {str(scope) for scope in scopes_for(kind)}
    scopes = [Scope(one) for one in fields.choices("scopes", N_("What it may do"), offered)]
    days = fields.choice("days", N_("How long it is good for"), {str(days) for days in TERMS})
    code = fields.text("code", N_("Code of your second factor"), max_length=12, required=writes(scopes))
    fields.check()
    return NewToken(name, scopes, int(days)), "".join(code.split())
