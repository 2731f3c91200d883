"""Deadlines as a page and as a calendar file behind a secret address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as some

from market.demo.contracts import accept_delivery, deliver_results
from market.kernel.errors import Message
from market.web.agendas import Event, events_of
from projects.fulfilment.agenda.icalendar import icalendar
from projects.fulfilment.queries import fulfilment_of
from tests.contracts.award import Award, SignIn
from tests.fulfilment.test_clock import STOP, answer, ask
from tests.visitor import Visitor

NOW = datetime(2026, 6, 16, 2, tzinfo=UTC)


async def test_each_side_sees_whose_turn_it_is(award: Award, sign_in: SignIn) -> None:
    agency, owner = await sign_in(award.winner), await sign_in(award.owner)
    assert "轮到你方" in (await agency.get("/deadlines")).text
    assert "轮到对方" in (await owner.get("/deadlines")).text
    await deliver_results(award.world, award.number, award.winner)
    assert "轮到你方" in (await owner.get("/deadlines")).text
    assert "MX-" not in (await (await sign_in(award.losers[0])).get("/deadlines")).text


async def test_the_file_follows_the_clock_and_its_address_is_secret(
    award: Award, sign_in: SignIn, client: Visitor
) -> None:
    agency = await sign_in(award.winner)
    assert (await agency.send_form("/deadlines/feed")).status_code == 303
    address = await address_on(agency)
    answered = await client.get(address)
    assert answered.headers["content-type"].startswith("text/calendar")
    fulfilment = await fulfilment_of(award.number)
    assert fulfilment is not None
    last_day = (fulfilment.limit - timedelta(seconds=1)).astimezone(award.world.now.tzinfo)
    assert f"DTSTART;VALUE=DATE:{last_day:%Y%m%d}" in answered.text
    assert (await client.get(address.replace(".ics", "0.ics"))).status_code == 404
    assert (await client.get(address.removesuffix(".ics"))).status_code == 404
    await ask(award, STOP)
    await answer(award, 1, agrees=True)
    assert "VEVENT" not in (await client.get(address)).text
    await agency.send_form("/deadlines/feed")
    assert (await client.get(address)).status_code == 404
    renewed = await address_on(agency)
    await agency.send_form("/deadlines/feed/stop")
    assert (await client.get(renewed)).status_code == 404


async def address_on(visitor: Visitor) -> str:
    page = (await visitor.get("/deadlines")).text
    start = page.index("/deadlines/91")
    return page[start : page.index(".ics", start) + 4]


@given(some.text(max_size=300), some.integers(min_value=0, max_value=10_000))
def test_no_text_breaks_the_file(text: str, days: int) -> None:
    due_at = NOW + timedelta(days=days)
    event = Event("MX-1-sign", Message("{words}", {"words": text}), NOW, due_at, "/contracts/MX-1", "MX-1", own=True)
    lines = icalendar([event], name=text, site="https://market.example", now=NOW).split("\r\n")
    assert all(len(line.encode("utf8", "surrogatepass")) <= 75 for line in lines)
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 1
    assert lines[-2:] == ["END:VCALENDAR", ""]


async def test_the_agenda_tells_what_is_due_from_signing_to_rating(award: Award) -> None:
    world, owner, agency = award.world, award.owner.organisation_id, award.winner.organisation_id
    assert owner is not None
    assert agency is not None

    async def due(organisation_id: UUID) -> dict[str, bool]:
        """What kind of deadline -> whether the organisation is on turn itself."""
        return {one.uid.rsplit("-", 1)[1]: one.own for one in await events_of(organisation_id, world.now)}

    assert await due(owner) == {"0": False, "file": True}
    assert await due(agency) == {"0": True}
    await deliver_results(world, award.number, award.winner)
    assert (await due(owner))["1"] is True
    await world.settle()
    await accept_delivery(world, award.number, award.owner)
    await world.settle()
    assert await due(owner) == {"file": True, "pay": True, "rate": True}
    assert await due(agency) == {"pay": False, "rate": True}
