from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from litestar import Litestar

from market.accounts.actions import NewOrganisation, NewPerson, open_session, register_organisation
from market.accounts.queries import load_viewer
from market.demo.agencies import credit_code
from market.demo.world import World
from market.web.viewer import Viewer
from tests.contracts.award import Award, SignIn, make_award
from tests.visitor import Visitor

_NUMBERS = itertools.count(1)


@pytest.fixture
async def award(world: World) -> Award:
    """A project whose result is under notice, its owner, and the agencies that took part."""
    return await make_award(world)


@pytest.fixture
async def sign_in(site: Litestar) -> AsyncIterator[SignIn]:
    """`await sign_in(viewer)` gives a browser in which this person is signed in."""
    async with AsyncExitStack() as stack:

        async def enter(viewer: Viewer) -> Visitor:
            visitor = await stack.enter_async_context(Visitor(site))
            assert viewer.person_id is not None
            assert viewer.organisation_id is not None
            return await visitor.sign_in_as(viewer.person_id, viewer.organisation_id)

        yield enter


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
