"""One market for walking through all routes: built once, and cloned afresh after every act that went through."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from litestar import Litestar

import app as composition
from market.accounts.actions import (
    NewOrganisation,
    NewPerson,
    Roles,
    add_colleague,
    open_session,
    register_organisation,
    tell,
)
from market.accounts.tokens.actions import NewToken, make_token
from market.accounts.tokens.rules import Scope
from market.beacon.local import LocalBeacon
from market.demo.agencies import EVERY_ROLE, admit_agencies, credit_code, operator_of, paper, some_agency
from market.demo.bids import submit_bid
from market.demo.projects import notice_values, open_owner, publish_project, publish_values
from market.demo.selection import draw_project, object_to
from market.demo.world import World, open_world
from market.kernel import db
from market.kernel.clock import FixedClock
from market.kernel.db import fetch_value, transaction
from market.kernel.files import keep
from market.kernel.settings import Secret, Settings
from market.notices.signing import unsubscribe_token
from market.notices.webhooks.actions import add_endpoint
from market.web.context import Running
from market.web.security import CSRF_FIELD, SESSION_COOKIE
from market.web.viewer import Viewer
from projects.posting import actions as posting
from projects.posting.queries import access_draft
from tests.beginnings import copy_database
from tests.conftest import START, database_dsn
from tests.visitor import Visitor

VIEWERS = (
    "owner", "colleague", "other_owner", "winning_agency", "other_agency", "expert", "regulator", "regulator_out_of_scope",
    "operator", "anonymous",
)  # fmt: skip
_PLACE = re.compile(r"\{(\w+):\w+\}")


@dataclass
class Scene:
    """`places`: area -> parameter of a path -> what stands there."""

    server: str
    base: str
    running: Running
    sessions: dict[str, str]
    places: dict[str, dict[str, str]]
    current: str = ""
    site: Litestar = field(init=False)
    visitors: dict[str, Visitor] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.site = composition.create_app(self.running.settings, self.running.dsn)
        self.site.state.running = self.running
        self.visitors = {name: Visitor(self.site) for name in VIEWERS}
        for name, token in self.sessions.items():
            self.visitors[name].cookies.set(SESSION_COOKIE, token)

    async def as_new(self) -> None:
        """Forgets everything that happened since the scene was built."""
        await self.leave()
        self.current = f"scene_{uuid4().hex}"
        link = await asyncpg.connect(self.server)
        await copy_database(link, self.current, self.base)
        await link.close()
        await db.connect(database_dsn(self.server, self.current), pool_size=5)

    async def leave(self) -> None:
        if self.current:
            await db.disconnect()
            await self._run(f"DROP DATABASE {self.current} WITH (FORCE)")
            self.current = ""

    async def _run(self, sql: str) -> None:
        link = await asyncpg.connect(self.server)
        await link.execute(sql)
        await link.close()

    def address(self, area: str, path: str) -> str:
        known = self.places.get(area, {})
        return _PLACE.sub(lambda found: known.get(f"{path} {found[1]}") or known[found[1]], path)

    async def ask(self, who: str, method: str, address: str, *, token: bool = True) -> httpx.Response:
        """A GET, or another method with an empty form and (by default) a valid token."""
        visitor = self.visitors[who]
        if method == "GET":
            return await visitor.get(address)
        data = {CSRF_FIELD: await self._token(who)} if token else {}
        kept = dict(visitor.cookies)
        answer = await visitor.request(method, address, data=data)
        visitor.cookies = httpx.Cookies(kept)  # signing out and one-time messages are undone with everything else
        if token and answer.status_code < 400:
            await self.as_new()
        return answer

    async def _token(self, who: str) -> str:
        if who not in self.tokens:
            self.tokens[who] = await self.visitors[who].token()
        return self.tokens[who]


@asynccontextmanager
async def built(server: str, template: str, folder: Path) -> AsyncIterator[Scene]:
    base = f"base_{uuid4().hex}"
    link = await asyncpg.connect(server)
    await copy_database(link, base, template)
    scene: Scene | None = None
    try:
        scene = await _build(server, base, folder)
        await scene.as_new()
        yield scene
        for visitor in scene.visitors.values():
            await visitor.aclose()
    finally:
        if scene is not None:
            await scene.leave()
        await link.execute(f"DROP DATABASE {base} WITH (FORCE)")
        await link.close()


async def _build(server: str, base: str, folder: Path) -> Scene:
    dsn, clock = database_dsn(server, base), FixedClock(START)
    settings = Settings(
        mode="test", data_dir=folder, secret_key=Secret("a secret of the walker's own, long enough"), run_worker=False,
        api_address_limit=1_000_000,
    )  # fmt: skip
    await db.connect(dsn, pool_size=5)
    try:
        async with open_world(settings, dsn, clock=clock, beacon=LocalBeacon.from_seed("scene", clock)) as world:
            people, places = await _stage(world)
            sessions = {name: await _session(viewer) for name, viewer in people.items()}
            places["accounts"]["session_id"] = str(await _another_session(people["owner"]))
            return Scene(server, base, replace(world.running), sessions, places)
    finally:
        await db.disconnect()


async def _session(viewer: Viewer) -> str:
    assert viewer.person_id is not None
    assert viewer.organisation_id is not None
    return await open_session(
        viewer.person_id,
        viewer.organisation_id,
        hours=12,
        second_factor_passed=True,
        user_agent="walker",
        address="127.0.0.1",
    )


async def _another_session(viewer: Viewer) -> Any:
    await _session(viewer)
    return await fetch_value(
        "SELECT id FROM session WHERE person_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1", viewer.person_id
    )


async def _stage(world: World) -> tuple[dict[str, Viewer], dict[str, dict[str, str]]]:
    agents = await admit_agencies(world, [some_agency(number) for number in range(1, 6)])
    owner = await open_owner(world, name="青岛市市北区住房和城乡建设局", code=credit_code(7, kind="11"))
    drawn = await draw_project(world, agents, await publish_values(world, owner, notice_values(world)))
    winner = next(agent for agent in agents if agent.id == drawn.winner_id)
    other = next(agent for agent in agents if agent.id != drawn.winner_id)
    objection = await object_to(world, other.viewer, drawn)
    people = await _people(world, owner) | {"winning_agency": winner.viewer, "other_agency": other.viewer}
    draft_id, draft_file = await _draft(world, owner)
    opened = await _open_project(world, owner)
    public_file = await fetch_value(
        "SELECT file_id FROM project_file f JOIN project p ON p.id = f.project_id WHERE p.number = $1", opened
    )
    priced = await publish_project(world, owner, method="lowest_price", ceiling="152000", floor="80000")
    bid = await submit_bid(world, winner, priced, 100_000_00)
    entry_id = await fetch_value("SELECT id FROM register_entry WHERE kind = 'project.published' LIMIT 1")
    return people, {
        "posting": {"number": opened, "draft_id": draft_id, "file_id": draft_file,
                    "/projects/{number:str}/files/{file_id:uuid} file_id": str(public_file)},
        "selection": {"number": drawn.number, "no": "1", "objection_id": str(objection)},
        "bids": {"number": priced.number, "bid_id": str(bid.id)},
        "register": {"entry_id": str(entry_id), "path": "/0/nothing"},
        "catalogue": {"code": "C001", "/catalogue/qualifications/{code:str} code": "surveying-mapping"},
        "beacon": {"chain_hash": world.beacon.chain.hash, "number": "latest"},
        "accounts": {"person_id": str(people["colleague"].person_id)},
        "tokens": {"token_id": str((await make_token(owner, NewToken("目录同步", [Scope.READ_OWN], 90)))[0])},
        "api": {"number": opened, "code": winner.viewer.organisation_code, "/api/v1/catalogue/items/{code:str} code": "C001",
                "/api/v1/decisions/{number:str} number": "none", "entry_id": str(entry_id), "draft_id": draft_id, "reference": "none",
                "objection_id": str(objection), "complaint_id": draft_id, "rating_id": draft_id, "run_id": draft_id,
                "file_id": draft_id, "question_id": draft_id, "no": "1", "name": "notices.csv"},
        "site": {"name": "nothing.csv", "view": "nothing", "slug": "nothing", "code": "nothing", "number": "nothing",
                 **dict.fromkeys(("search_id", "filter_id", "export_id"), str(uuid4()))},
        "notices": await _messages(world, owner),
    }  # fmt: skip


async def _messages(world: World, owner: Viewer) -> dict[str, str]:
    """A message to the owner, a webhook of the owner's, and the link under an e-mail to the owner."""
    assert owner.organisation_id is not None
    assert owner.person_id is not None
    key = world.settings.secret_key
    async with transaction():
        await tell(owner.organisation_id, "A message", link="/projects", cause="other:1", now=world.now)
    message_id = await fetch_value("SELECT id FROM inbox_message WHERE cause = 'other:1'")
    endpoint_id, _ = await add_endpoint(
        owner.organisation_id, owner.person_id, "https://example.com/hooks", [], key=key, now=world.now
    )
    return {"message_id": str(message_id), "endpoint_id": str(endpoint_id), "channel": "sms",
            "token": unsubscribe_token(key, owner.person_id, "")}  # fmt: skip


async def _people(world: World, owner: Viewer) -> dict[str, Viewer]:
    colleague = NewPerson(login="colleague", name="陈芳", phone="13800000009", password_hash="!")
    assert owner.organisation_id is not None
    await add_colleague(owner.organisation_id, colleague, Roles(handler=True), now=world.now)
    return {
        "owner": owner,
        "colleague": replace(owner, person_id=colleague.id, roles=frozenset({"handler"})),
        "other_owner": await open_owner(world, name="青岛市市北区教育和体育局", code=credit_code(8, kind="11")),
        "expert": await _organisation(world, "expert", 901),
        "regulator": await _organisation(world, "regulator", 902, ("3702", "")),
        "regulator_out_of_scope": await _organisation(world, "regulator", 903, ("4401", "")),
        "operator": await operator_of(world),
    }


async def _organisation(world: World, kind: str, number: int, scope: tuple[str, str] | None = None) -> Viewer:
    person = NewPerson(login=f"{kind}{number}", name="高洁", phone="13800000008", password_hash="!")
    made = NewOrganisation(
        kind=kind, code=credit_code(number, kind="12"), name=f"{kind} {number}", legal_representative="高洁",
        region_code="370203", address="", phone="",
    )  # fmt: skip
    await register_organisation(made, person, now=world.now, scope=scope)
    return Viewer(person.id, person.name, made.id, kind, made.name, made.code, EVERY_ROLE)


async def _draft(world: World, owner: Viewer) -> tuple[str, str]:
    """A complete draft with one document."""
    draft_id = await posting.start_draft(owner, notice_values(world), now=world.now)
    assert owner.organisation_id is not None
    assert owner.person_id is not None
    file = await keep(
        world.running.files, paper("平面图"), owner=owner.organisation_id, by=owner.person_id, now=world.now
    )
    await posting.attach_file(owner, draft_id, file, "平面图", now=world.now)
    return str(draft_id), str(file.id)


async def _open_project(world: World, owner: Viewer) -> str:
    """Open for sign-up, with a document that everybody may read."""
    draft_id, _ = await _draft(world, owner)
    draft = await access_draft(owner, UUID(draft_id))
    number: str = await posting.publish(
        owner, draft.id, seen=posting.fingerprint(draft), calendar=world.calendar, beacon=world.beacon, now=world.now
    )
    return number
