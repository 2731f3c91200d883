from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable

import pytest

from market.accounts.actions import NewOrganisation, NewPerson, open_session, register_organisation
from market.accounts.queries import load_viewer
from market.demo.agencies import credit_code
from market.demo.world import World
from market.web.viewer import Viewer
from tests.beginnings import begins_with
from tests.contracts.award import drawn
from tests.contracts.conftest import award, sign_in

_NUMBERS = itertools.count(1)


__all__ = ["award", "sign_in"]

beginning = begins_with({"award": drawn})
Somebody = Callable[..., Awaitable[Viewer]]


@pytest.fixture
def somebody(world: World) -> Somebody:
    """`await somebody(kind)` or, for a regulator, `await somebody("regulator", scope=("3702", "housing"))`."""

    async def make(kind: str, *, scope: tuple[str, str] | None = None, region: str = "370203") -> Viewer:
        number = next(_NUMBERS)
        organisation = NewOrganisation(
            kind=kind, code=credit_code(90_000 + number), name=f"{kind} {number}", legal_representative=f"负责人{number}",
            region_code=region, address="青岛", phone="053285910000",
        )  # fmt: skip
        person = NewPerson(login=f"somebody-{kind}{number}", name="梁静", phone="13800000009", password_hash="!")
        await register_organisation(organisation, person, now=world.now, scope=scope)
        token = await open_session(
            person.id, organisation.id, hours=1, second_factor_passed=True, user_agent="tests", address="127.0.0.1"
        )
        return await load_viewer(token, second_factor_needed=False)

    return make
