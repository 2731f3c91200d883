"""People of the demonstration who are told by e-mail too, and a webhook of theirs. Their addresses are confirmed as anybody's:
by the code that came there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from market.accounts.actions import change_profile
from market.demo.story import STORY_ENDS, City
from market.kernel.db import fetch_one
from market.notices.actions import Wishes, ask_for_code, change_preferences, give_code
from market.notices.events import BY_ID
from market.notices.queries import addresses_of
from market.notices.rules import CHANNELS, Preference
from market.notices.signing import code_of
from market.notices.webhooks.actions import add_endpoint

REACHED: Final = ("owner1", "owner2", "agency1", "agency2", "regulator1")
DIGESTED: Final = "agency2"
CALLED: Final = "owner1"
HOOK: Final = "https://hooks.example.org/mingxuan"


def plan_messages(city: City) -> None:
    async def confirm() -> None:
        for login in REACHED:
            await _confirm(city, login)
        await _call(city)

    city.script.at(STORY_ENDS - timedelta(days=2), confirm)


async def _confirm(city: City, login: str) -> None:
    world = city.world
    person = await fetch_one("SELECT id, name, phone FROM person WHERE login = $1", login)
    assert person is not None
    await change_profile(person["id"], name=person["name"], phone=person["phone"], email=f"{login}@example.org")
    key = world.settings.secret_key
    await ask_for_code(person["id"], "email", locale="zh_CN", now=world.now)
    asked = (await addresses_of(person["id"]))["email"]
    await give_code(person["id"], "email", code_of(key, asked.id, asked.asked_at), key=key)
    if login == DIGESTED:
        every = {(event, channel): channel in BY_ID[event].channels for event in BY_ID for channel in CHANNELS}
        await change_preferences(person["id"], Wishes(replace(Preference(), digest_hour=8), every), now=world.now)


async def _call(city: City) -> None:
    """Nobody answers at the example's address: its log shows what failures look like, and the rules that follow."""
    world = city.world
    row = await fetch_one("SELECT m.organisation_id, p.id FROM person p JOIN membership m ON m.person_id = p.id"
                          " AND m.until IS NULL WHERE p.login = $1", CALLED)  # fmt: skip
    assert row is not None
    await add_endpoint(row["organisation_id"], row["id"], HOOK, [], key=world.settings.secret_key, now=world.now)
