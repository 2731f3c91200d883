"""Tokens: made by administrators, shown once, good for their scopes only, gone when revoked."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from litestar import Litestar, Request, get

from market.accounts.actions import Roles, change_roles
from market.accounts.passwords import seal
from market.accounts.tokens import rules
from market.accounts.tokens.actions import NewToken, make_token, revoke_token
from market.accounts.tokens.queries import load_token
from market.accounts.tokens.rules import Scope
from market.demo.agencies import credit_code
from market.demo.projects import open_owner
from market.demo.world import World
from market.kernel import db
from market.kernel.clock import wall_now
from market.kernel.db import execute, fetch
from market.kernel.errors import Refusal
from market.kernel.i18n import LOCALES
from market.web.problems import MEDIA_TYPE
from market.web.speech import spoken
from market.web.viewer import TokenUnusable, Viewer, require_scope
from tests.api.conftest import Program
from tests.visitor import Visitor

READ = NewToken("目录同步", [Scope.READ_OWN], 30)


async def signed_in(site: Litestar, viewer: Viewer) -> Visitor:
    assert viewer.person_id
    assert viewer.organisation_id
    return await Visitor(site).sign_in_as(viewer.person_id, viewer.organisation_id)


async def test_a_token_is_shown_once_and_kept_as_a_digest(site: Litestar, world: World) -> None:
    owner = await open_owner(world, name="青岛市市北区住房和城乡建设局", code=credit_code(7, kind="11"))
    async with await signed_in(site, owner) as visitor:
        made = await visitor.send_form("/account/tokens", {"name": "读取", "scopes": ["read:own"], "days": "30"})
        token = re.search(r"mx_[\w-]{43}", made.text)
        assert made.status_code == 200
        assert token
        listed = await visitor.get("/account/tokens")
    assert "读取" in listed.text
    assert token[0] not in listed.text
    assert token[0] not in str([dict(row) for row in await fetch("SELECT * FROM api_token")])
    assert (await load_token(token[0], "127.0.0.1")).organisation_id == owner.organisation_id


async def test_a_token_that_writes_needs_the_second_factor(site: Litestar, world: World) -> None:
    owner = await open_owner(world, name="青岛市市北区住房和城乡建设局", code=credit_code(7, kind="11"))
    form = {"name": "发布程序", "scopes": ["projects:write"], "days": "30", "code": "123456"}
    async with await signed_in(site, owner) as visitor:
        without = await visitor.send_form("/account/tokens", form)
        secret = pyotp.random_base32()
        await execute(
            "UPDATE person SET totp_secret = $2, totp_confirmed_at = $3 WHERE id = $1", owner.person_id,
            seal(world.settings.secret_key, "totp", secret), wall_now(),
        )  # fmt: skip
        wrong = await visitor.send_form("/account/tokens", {**form, "code": "000000"})
        right = await visitor.send_form("/account/tokens", {**form, "code": pyotp.TOTP(secret).now()})
    assert (without.status_code, wrong.status_code, right.status_code) == (422, 422, 200)


async def test_an_agencys_scopes_are_not_offered_to_owners(site: Litestar, world: World) -> None:
    async with await signed_in(
        site, await open_owner(world, name="青岛市市北区住房和城乡建设局", code=credit_code(7, kind="11"))
    ) as visitor:
        answer = await visitor.send_form("/account/tokens", {"name": "x1", "scopes": ["bids:write"], "days": "30"})
    assert answer.status_code == 422


async def test_a_revoked_an_expired_and_an_unknown_token_let_nobody_in(world: World) -> None:
    owner = await open_owner(world, name="青岛市市北区住房和城乡建设局", code=credit_code(7, kind="11"))
    made = [await make_token(owner, READ) for _ in range(3)]
    assert await revoke_token(owner, made[0][0])
    assert not await revoke_token(owner, made[0][0])
    await execute(
        "UPDATE api_token SET created_at = $2, expires_at = $3 WHERE id = $1", made[1][0], wall_now() - timedelta(days=3),
        wall_now(),
    )  # fmt: skip
    reasons = {}
    for name, token in {"revoked": made[0][1], "expired": made[1][1], "unknown": "mx_none"}.items():
        with pytest.raises(TokenUnusable) as caught:
            await load_token(token, "")
        reasons[name] = caught.value.code
    assert reasons == {"revoked": "token.revoked", "expired": "token.expired", "unknown": "token.unknown"}
    assert (await load_token(made[2][1], "")).token_scopes == {"read:own"}


async def test_a_token_may_no_more_than_its_person_and_ends_with_the_membership(world: World) -> None:
    owner = await open_owner(world, name="青岛市市北区住房和城乡建设局", code=credit_code(7, kind="11"))
    _, token = await make_token(owner, READ)
    from market.accounts.actions import NewOrganisation
    from tests.accounts.test_sign_in import colleague

    assert owner.organisation_id
    assert owner.person_id
    firm = NewOrganisation("enterprise", "", "", "", "", "", "", id=owner.organisation_id)
    await colleague(world, firm, "second", Roles(admin=True))
    await change_roles(owner.organisation_id, owner.person_id, Roles(handler=True), now=world.now)
    assert (await load_token(token, "")).roles == {"handler"}
    await change_roles(owner.organisation_id, owner.person_id, None, now=world.now)
    with pytest.raises(TokenUnusable):
        await load_token(token, "")


async def test_there_are_not_endlessly_many(world: World) -> None:
    owner = await open_owner(world, name="青岛市市北区住房和城乡建设局", code=credit_code(7, kind="11"))
    for _ in range(rules.MOST_TOKENS):
        await make_token(owner, READ)
    with pytest.raises(Refusal, match="too_many"):
        await make_token(owner, READ)


async def test_a_program_is_answered_with_problems_in_its_language(world: World) -> None:
    from app import create_app

    @get("/api/trial")
    async def trial(request: Request) -> dict[str, str]:
        return {"for": require_scope(request, "lists:import").organisation_name}

    site = create_app(world.settings, world.running.dsn)
    site.register(trial)
    site.state.running = world.running
    owner = await open_owner(world, name="青岛市市北区住房和城乡建设局", code=credit_code(7, kind="11"))
    _, token = await make_token(owner, READ)
    async with Visitor(site) as visitor:
        nobody = await visitor.get("/api/trial", headers={"accept-language": "en"})
        bad = await visitor.get("/api/trial", headers={"authorization": "Bearer mx_bad"})
        lacking = await visitor.get("/api/trial", headers={"authorization": f"Bearer {token}"})
        missing = await visitor.get("/api/nothing")
        await visitor.sign_in_as(owner.person_id, owner.organisation_id)  # type: ignore[arg-type]
        session = await visitor.get("/api/trial")
    assert [one.status_code for one in (nobody, bad, lacking, missing, session)] == [401, 401, 403, 404, 401]
    assert {one.headers["content-type"] for one in (nobody, bad, lacking, missing)} == {"application/problem+json"}
    assert nobody.json()["title"] == "A token is needed"
    assert nobody.headers["www-authenticate"].startswith("Bearer")
    assert bad.json()["code"] == "token.unknown"
    assert lacking.json()["scope"] == "lists:import"
    assert "lists:import" in lacking.json()["detail"]
    assert "mx_session" not in str(missing.headers)


@pytest.mark.parametrize(
    ("header", "locale"),
    [("", "zh_CN"), ("en", "en"), ("fr, en;q=0.5, zh;q=0.4", "en"), ("en;q=0, zh", "zh_CN"), ("en;q=nan,;;;=,", "zh_CN"),
     ("en-GB,en;q=0.9", "en"), ("*", "zh_CN"), ("en;q=0.2,zh-TW;q=0.9", "zh_CN")],
)  # fmt: skip
def test_the_preferred_language_is_found(header: str, locale: str) -> None:
    assert spoken(header) == locale


async def test_without_a_database_programs_and_people_are_told_so(owner: Program, database: str) -> None:
    await db.disconnect()
    try:
        told = await owner.read("/me")
        pages = {
            language: await owner.get("/projects", headers={"cookie": f"mx_locale={language}"}) for language in LOCALES
        }
    finally:
        await db.connect(database, pool_size=10)
    assert (told.status_code, told.headers["content-type"], told.json()["status"]) == (500, MEDIA_TYPE, 500)
    assert {page.status_code for page in pages.values()} == {500}
    assert "Our mistake, not yours" in pages["en"].text
    assert "Our mistake" not in pages["zh_CN"].text
    assert '<main id="main"' in pages["zh_CN"].text
