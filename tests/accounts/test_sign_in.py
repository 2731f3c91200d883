"""Sign-up, sign-in, throttle, second factor, colleagues: over HTTP on a real database."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import asyncpg
import pyotp
import pytest
from litestar import Litestar

from market.accounts import actions, queries
from market.accounts.actions import NewOrganisation, NewPerson, Roles
from market.accounts.passwords import hash_password, totp_step
from market.demo.world import World
from market.kernel.clock import wall_now
from market.kernel.db import fetch, fetch_value
from market.kernel.errors import Refusal
from market.web.security import SESSION_COOKIE
from tests.application import application_on
from tests.visitor import Visitor

PASSWORD = "correct horse battery"
FORM = {
    "kind": "enterprise", "organisation_name": "海滨置业有限公司", "code": "91370200MA3C00000E", "legal_representative": "林海",
    "region_code": "370202", "address": "香港中路 1 号", "organisation_phone": "0532-85912345", "name": "周敏",
    "phone": "13800138000", "login": "zhoumin", "password": PASSWORD, "password_again": PASSWORD, "terms": "on",
}  # fmt: skip


def valid_code(body: str) -> str:
    from stdnum.cn import uscc

    return body + uscc.calc_check_digit(body)


FORM["code"] = valid_code("91370200MA3C00000")


async def enterprise(
    world: World, *, login: str = "zhoumin", roles: Roles | None = None
) -> tuple[NewOrganisation, NewPerson]:
    organisation = NewOrganisation(
        kind="enterprise", code=FORM["code"], name="海滨置业有限公司", legal_representative="林海", region_code="370202",
        address="香港中路 1 号", phone="0532-85912345", complaint_phone="0532-85912345",
    )  # fmt: skip
    person = NewPerson(login=login, name="周敏", phone="13800138000", password_hash=await hash_password(PASSWORD))
    await actions.register_organisation(organisation, person, now=world.now)
    return organisation, person


async def sign_in(visitor: Visitor, login: str = "zhoumin", password: str = PASSWORD):
    return await visitor.send_form("/sign-in", {"login": login, "password": password, "back": "/account"})


async def test_an_enterprise_opens_an_account_and_is_signed_in(client: Visitor) -> None:
    answer = await client.send_form("/sign-up", FORM)
    assert answer.status_code == 303, answer.text
    page = await client.get("/account")
    assert page.status_code == 200
    assert "海滨置业有限公司" in page.text


async def test_every_mistake_of_the_form_is_shown_at_once(client: Visitor) -> None:
    wrong = {
        **FORM,
        "code": "91370200MA3C000000",
        "phone": "12",
        "password": "short",
        "region_code": "999999",
        "terms": "",
    }
    answer = await client.send_form("/sign-up", wrong)
    assert answer.status_code == 422
    for name in ("code", "phone", "password", "region_code", "terms"):
        assert f'href="#f-{name}"' in answer.text, name
    assert await fetch_value("SELECT count(*) FROM organisation") == 0


@pytest.mark.parametrize("kind", ["operator", "regulator", "root", ""])
async def test_nobody_makes_himself_an_operator(client: Visitor, kind: str) -> None:
    answer = await client.send_form("/sign-up", {**FORM, "kind": kind})
    assert answer.status_code == 422
    assert await fetch_value("SELECT count(*) FROM organisation") == 0


async def test_a_natural_persons_id_number_is_checked_and_kept_sealed(client: Visitor) -> None:
    person = {**FORM, "kind": "natural_person", "id_number": "11010519491231002X"}
    assert (await client.send_form("/sign-up", {**person, "id_number": "110105194912310021"})).status_code == 422
    assert (await client.send_form("/sign-up", person)).status_code == 303
    row = (await fetch("SELECT * FROM person"))[0]
    assert "11010519491231002X" not in str(dict(row))


async def test_one_person_has_one_account(client: Visitor, site: Litestar) -> None:
    person = {**FORM, "kind": "natural_person", "id_number": "11010519491231002X"}
    assert (await client.send_form("/sign-up", person)).status_code == 303
    async with Visitor(site) as other:
        answer = await other.send_form("/sign-up", {**person, "login": "another"})
    assert answer.status_code == 422
    assert "id_number" in answer.text


async def test_the_session_is_never_one_the_browser_proposed(client: Visitor, world: World) -> None:
    await enterprise(world)
    client.cookies.set(SESSION_COOKIE, "attackerchosen")
    answer = await sign_in(client)
    assert answer.status_code == 303
    assert "attackerchosen" not in answer.headers["set-cookie"]
    stored = await fetch_value("SELECT token_digest FROM session")
    assert stored not in answer.headers["set-cookie"]


async def test_signing_out_ends_the_session_on_the_server(client: Visitor, world: World) -> None:
    await enterprise(world)
    await sign_in(client)
    token = client.cookies[SESSION_COOKIE]
    await client.send_form("/sign-out")
    client.cookies.set(SESSION_COOKIE, token)
    assert (await client.get("/account")).headers["location"].startswith("/sign-in")


async def test_five_wrong_passwords_bring_a_pause_even_for_the_right_one(client: Visitor, world: World) -> None:
    await enterprise(world)
    for _ in range(5):
        assert (await sign_in(client, password="wrong guess here")).status_code == 422
    for language, word in (("zh_CN", "尝试次数过多，请等待"), ("en", "Too many tries; wait for")):
        client.cookies.set("mx_locale", language)
        paused = await sign_in(client)
        assert paused.status_code == 429
        assert 0 < int(paused.headers["retry-after"]) <= 15 * 60
        assert word in paused.text
    assert await fetch_value("SELECT count(*) FROM session") == 0


async def test_a_wrong_name_and_a_wrong_password_look_the_same(client: Visitor, world: World) -> None:
    await enterprise(world)
    known = await sign_in(client, password="wrong guess here")
    unknown = await sign_in(client, login="nobody-here", password="wrong guess here")
    strip = re.compile(r'value="[^"]*"')
    assert strip.sub("", known.text) == strip.sub("", unknown.text)


async def test_after_sign_in_one_goes_back_to_pages_of_ours_only(client: Visitor, world: World) -> None:
    await enterprise(world)
    answer = await client.send_form("/sign-in", {"login": "zhoumin", "password": PASSWORD, "back": "//evil.example/"})
    assert answer.headers["location"] == "/workbench"


async def test_forms_without_their_token_are_refused(client: Visitor, world: World) -> None:
    await enterprise(world)
    for data in ({}, {"csrf_token": "0" * 64}):
        answer = await client.post("/sign-in", data={"login": "zhoumin", "password": PASSWORD, **data})
        assert answer.status_code == 403
    assert await fetch_value("SELECT count(*) FROM session") == 0


async def test_a_token_of_another_visitor_is_refused(client: Visitor, site: Litestar) -> None:
    async with Visitor(site) as other:
        stolen = await other.token()
    assert (await client.post("/sign-out", data={"csrf_token": stolen})).status_code == 403


async def operator_in_production(world: World) -> tuple[Litestar, NewPerson]:
    operator = NewOrganisation(
        kind="operator", code=FORM["code"], name="市政务服务局", legal_representative="高远", region_code="370200", address="—",
        phone="0532-12345", complaint_phone="0532-12345",
    )  # fmt: skip
    person = NewPerson(login="operator", name="高远", phone="13800138001", password_hash=await hash_password(PASSWORD))
    await actions.register_organisation(operator, person, now=world.now)
    settings = replace(world.settings, mode="production")
    return application_on(replace(world.running, settings=settings)), person


async def test_operators_need_a_second_factor_outside_the_demonstration(world: World) -> None:
    site, _ = await operator_in_production(world)
    async with Visitor(site) as visitor:
        await sign_in(visitor, login="operator")
        refused = await visitor.get("/operator/calendar")
        assert refused.headers["location"] == "/sign-in/second-factor"
        page = await visitor.get("/sign-in/second-factor")
        secret = re.search(r"<code>([A-Z2-7]{32})</code>", page.text)
        assert secret
        code = pyotp.TOTP(secret.group(1)).now()
        assert (await visitor.send_form("/sign-in/second-factor", {"code": "000000"})).status_code == 422
        assert (await visitor.send_form("/sign-in/second-factor", {"code": code})).status_code == 303
        assert (await visitor.get("/operator/calendar")).status_code == 200


async def test_a_code_is_good_once(world: World) -> None:
    site, person = await operator_in_production(world)
    async with Visitor(site) as first, Visitor(site) as second:
        await sign_in(first, login="operator")
        secret = re.search(r"<code>([A-Z2-7]{32})</code>", (await first.get("/sign-in/second-factor")).text)
        assert secret
        code = pyotp.TOTP(secret.group(1)).now()
        assert (await first.send_form("/sign-in/second-factor", {"code": code})).status_code == 303
        await sign_in(second, login="operator")
        step = await fetch_value("SELECT totp_last_step FROM person WHERE id = $1", person.id)
        assert totp_step(secret.group(1), code, unix_time=int(wall_now().timestamp()), last_step=step) is None
        assert (await second.send_form("/sign-in/second-factor", {"code": code})).status_code == 422


async def colleague(world: World, organisation: NewOrganisation, login: str, roles: Roles) -> NewPerson:
    person = NewPerson(login=login, name="同事", phone="13800138009", password_hash=await hash_password(PASSWORD))
    await actions.add_colleague(organisation.id, person, roles, now=world.now)
    return person


async def test_the_last_administrator_stays_even_when_two_leave_at_once(world: World) -> None:
    organisation, founder = await enterprise(world)
    other = await colleague(world, organisation, "second", Roles(admin=True))
    ends = [actions.change_roles(organisation.id, person.id, None, now=world.now) for person in (founder, other)]
    outcomes = await asyncio.gather(*ends, return_exceptions=True)
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 1
    assert len(await queries.colleagues(organisation.id)) == 1


async def test_a_removed_colleague_is_signed_out_at_once(world: World, site: Litestar) -> None:
    organisation, founder = await enterprise(world)
    person = await colleague(world, organisation, "second", Roles(handler=True))
    async with Visitor(site) as leaving, Visitor(site) as admin:
        await leaving.sign_in_as(person.id, organisation.id)
        await admin.sign_in_as(founder.id, organisation.id)
        assert (await leaving.get("/account")).status_code == 200
        assert (await admin.send_form(f"/account/colleagues/{person.id}/remove")).status_code == 303
        assert (await leaving.get("/account")).headers["location"].startswith("/sign-in")


async def test_a_handler_does_not_manage_colleagues_nor_another_firms(world: World, site: Litestar) -> None:
    organisation, founder = await enterprise(world)
    person = await colleague(world, organisation, "second", Roles(handler=True))
    stranger_firm = NewOrganisation(
        kind="enterprise", code=valid_code("91370200MA3C00001"), name="别家", legal_representative="王", region_code="370202",
        address="x", phone="0532-1", complaint_phone="0532-1",
    )  # fmt: skip
    stranger = NewPerson(login="stranger", name="王", phone="13800138010", password_hash="x")
    await actions.register_organisation(stranger_firm, stranger, now=world.now)
    async with Visitor(site) as handler, Visitor(site) as outsider:
        await handler.sign_in_as(person.id, organisation.id)
        await outsider.sign_in_as(stranger.id, stranger_firm.id)
        assert (await handler.send_form(f"/account/colleagues/{founder.id}/remove")).status_code == 403
        assert (await outsider.send_form(f"/account/colleagues/{founder.id}/remove")).status_code == 404
    assert len(await queries.colleagues(organisation.id)) == 2


async def test_names_and_codes_are_unique_in_the_database_itself(world: World) -> None:
    await enterprise(world)
    with pytest.raises(asyncpg.UniqueViolationError):
        await enterprise(world)
