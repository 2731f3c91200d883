"""The first operator of a market: everybody else is set up from its account or signs up by himself."""

from __future__ import annotations

from collections.abc import Mapping

from litestar.datastructures import FormMultiDict
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from market.accounts.actions import NewOrganisation, NewPerson, register_organisation
from market.accounts.forms import parse_new_password
from market.accounts.passwords import hash_password
from market.kernel import db
from market.kernel.clock import wall_now
from market.kernel.settings import Settings
from market.web.display import say
from market.web.forms import Fields


class CannotSetUp(Exception):
    """Why not, in plain words."""


async def set_up_operator(settings: Settings, dsn: str, given: Mapping[str, str]) -> None:
    """Raises CannotSetUp for a bad code or password, or where the market has an operator already."""
    code, password = _checked(given)
    await db.connect(dsn, pool_size=2)
    try:
        if await db.fetch_value("SELECT count(*) FROM organisation WHERE kind = 'operator'"):
            raise CannotSetUp("this market has an operator already; its administrator adds colleagues on the site.")
        person = NewPerson(
            login=given["login"].strip().lower(), name=given["person"], phone=given["phone"],
            password_hash=await hash_password(password),
        )  # fmt: skip
        organisation = NewOrganisation(
            kind="operator", code=code, name=given["name"], legal_representative=given["person"],
            region_code=settings.site_region, address="", phone=given["phone"], complaint_phone=given["phone"],
        )  # fmt: skip
        await register_organisation(organisation, person, now=wall_now())
    finally:
        await db.disconnect()


def _checked(given: Mapping[str, str]) -> tuple[str, str]:
    try:
        code: str = uscc.validate(given["code"])
    except ValidationError as problem:
        raise CannotSetUp("this is no valid unified social credit code.") from problem
    fields = Fields(FormMultiDict({"password": given["password"]}))
    password = parse_new_password(fields, login=given["login"])
    if fields.errors:
        raise CannotSetUp(say(fields.errors["password"][0]))
    return code, password
