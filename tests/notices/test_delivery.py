"""The outbox: what was committed goes out, whatever the other side does, and never twice without being known as a copy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from market.accounts.actions import change_profile, tell
from market.demo.agencies import operator_of
from market.kernel.calendar import ONE_DAY
from market.kernel.clock import FixedClock
from market.kernel.db import execute, fetch, fetch_one, fetch_value, transaction
from market.kernel.errors import Refusal
from market.kernel.settings import Secret
from market.notices.actions import Wishes, ask_for_code, change_preferences, give_code
from market.notices.carrying import carry
from market.notices.events import BY_ID
from market.notices.mail import Smtp
from market.notices.rules import CHANNELS, Preference
from tests.notices.scene import EMAIL, Reader, code_in, html, plain, read
from tests.serving import free_port


@dataclass
class Office:
    """What a real SMTP server was given, and what it answers."""

    answer: str = "250 OK"
    letters: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.letters.append(read(envelope.content))
        return self.answer

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if self.answer.startswith("550"):
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"


@asynccontextmanager
async def server(office: Office, port: int) -> AsyncIterator[None]:
    controller = Controller(office, hostname="127.0.0.1", port=port)
    await asyncio.to_thread(controller.start)
    try:
        yield
    finally:
        await asyncio.to_thread(controller.stop)


def at(port: int, *, seconds: int = 5) -> Smtp:
    return Smtp.at(Secret(f"smtp://127.0.0.1:{port}"), seconds=seconds)


async def parcel() -> dict[str, Any]:
    row = await fetch_one("SELECT * FROM message_parcel WHERE kind <> 'code' ORDER BY made_at DESC, id DESC LIMIT 1")
    assert row is not None
    return row


async def test_a_day_without_mail_server_loses_nothing(someone: Reader, clock: FixedClock) -> None:
    port, office = free_port(), Office()
    someone = someone.through(mail=at(port))
    await someone.told()
    for _ in range(30):
        await someone.deliver()
        clock.set(max((await parcel())["due_at"], clock.now()))
        if clock.now() > (await parcel())["made_at"] + ONE_DAY:
            break
    waiting = await parcel()
    assert (waiting["state"], waiting["tries"] > 20) == ("waiting", True)
    assert "not reached" in waiting["problem"]
    async with server(office, port):
        assert await someone.deliver() == 1
        assert await someone.deliver() == 0
    assert [str(one["Message-ID"]) for one in office.letters] == [f"<{waiting['id']}@127.0.0.1>"]
    assert (await parcel())["state"] == "sent"


@pytest.mark.parametrize(
    ("answer", "state"), [("451 later", "waiting"), ("550 no such user", "given_up"), ("554 refused", "given_up")]
)
async def test_what_a_server_answers(someone: Reader, answer: str, state: str) -> None:
    port = free_port()
    async with server(Office(answer), port):
        someone = someone.through(mail=at(port))
        await someone.told()
        await someone.deliver()
    found = await parcel()
    assert (found["state"], found["tries"]) == (state, 1)
    assert answer[:3] in found["problem"]


async def test_a_server_that_hangs_is_left(someone: Reader) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    hanging = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = hanging.sockets[0].getsockname()[1]
    someone = someone.through(mail=at(port, seconds=1))
    await someone.told()
    assert await someone.deliver() == 1
    assert (await parcel())["state"] == "waiting"
    hanging.close()


async def test_given_up_after_the_rulebooks_term(someone: Reader, clock: FixedClock) -> None:
    someone = someone.through(mail=at(free_port()))
    await someone.told()
    clock.advance(days=3, seconds=1)
    await someone.deliver()
    assert (await parcel())["state"] == "given_up"


async def test_a_worker_that_died_lets_the_same_letter_go_again(someone: Reader) -> None:
    """Claimed and perhaps sent, never marked: after the lease another worker sends it under the same Message-ID."""
    await someone.told()
    await someone.deliver()
    first = someone.mails
    await execute("UPDATE message_parcel SET state = 'waiting', ended_at = NULL, claimed_until = now() - interval '1 second'"
                  " WHERE kind = 'single'")  # fmt: skip
    await someone.deliver()
    assert [one["Message-ID"] for one in someone.mails] == [one["Message-ID"] for one in first]


async def test_two_workers_send_a_letter_once(someone: Reader) -> None:
    office, port = Office(), free_port()
    async with server(office, port):
        someone = someone.through(mail=at(port))
        for number in range(6):
            await someone.told(f"contract.opened:{number}")
        await asyncio.gather(*(someone.deliver() for _ in range(3)))
    assert len(office.letters) == len({one["Message-ID"] for one in office.letters}) == 6


async def test_carried_once_and_only_with_its_act(someone: Reader) -> None:
    await someone.told()
    await someone.told()  # the same cause again
    assert await carry(someone.world.now) == 0
    with pytest.raises(ZeroDivisionError):
        await _told_and_undone(someone)
    assert await carry(someone.world.now) == 0
    assert await fetch_value("SELECT count(*) FROM message_item") == 1


async def _told_and_undone(someone: Reader) -> None:
    assert someone.viewer.organisation_id is not None
    async with transaction():
        await tell(someone.viewer.organisation_id, "x", link="/", cause="contract.opened:2", now=someone.world.now)
        raise ZeroDivisionError


async def test_the_letter(someone: Reader) -> None:
    await someone.told(due_at=someone.world.now + timedelta(days=5))
    await someone.deliver()
    [mail] = someone.mails
    assert str(mail["To"]) == EMAIL
    assert mail["Subject"] == "“道路测绘”的合同等待贵单位签署。"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/messages/stop/" in mail["List-Unsubscribe"]
    for body in (plain(mail), html(mail)):
        assert "“道路测绘”的合同等待贵单位签署。" in body
        assert "2026-06-21 10:00" in body
        assert "/messages/" in body
    assert '<html lang="zh-CN">' in html(mail)


async def test_a_digest_at_its_hour_in_the_chosen_language(someone: Reader, clock: FixedClock) -> None:
    await prefer(someone, Preference(locale="en", digest_hour=18))
    await someone.told("contract.in_force:1", text="The contract of {project} is in force.")
    await someone.told("contract.in_force:2", text="The contract of {project} is in force.")
    await someone.told(due_at=clock.now() + timedelta(hours=3))  # cannot wait
    await someone.deliver()
    assert [one["Subject"] for one in someone.mails] == ["The contract of 道路测绘 waits for your signature."]
    clock.advance(hours=8)
    await someone.deliver()
    [digest] = [one for one in someone.mails if one["Subject"] == "Digest: 2 messages"]
    assert plain(digest).count("道路测绘 is in force") == 2
    assert len(someone.mails) == 2


async def prefer(someone: Reader, said: Preference, **choices: bool) -> None:
    assert someone.viewer.person_id is not None
    every = {(event, channel): channel in BY_ID[event].channels for event in BY_ID for channel in CHANNELS}
    changed = {(event.replace("__", "."), "email"): wanted for event, wanted in choices.items()}
    await change_preferences(someone.viewer.person_id, Wishes(said, every | changed), now=someone.world.now)


async def test_an_event_that_is_not_wanted(someone: Reader) -> None:
    await prefer(someone, Preference(), contract__opened=False)
    await someone.told()
    await someone.told("contract.in_force:1", text="The contract of {project} is in force.")
    await someone.deliver()
    assert [one["Subject"] for one in someone.mails] == ["“道路测绘”的合同已生效。"]
    assert await fetch_value("SELECT count(*) FROM message_choice") == 1  # what agrees with the proposal is not kept


async def test_what_is_meant_for_one_person_reaches_nobody_else(someone: Reader) -> None:
    other = await operator_of(someone.world)
    await someone.told("assigned:1", person_id=other.person_id)
    assert await someone.deliver() == 0
    await someone.told("assigned:2", person_id=someone.viewer.person_id)
    assert await someone.deliver() == 1


async def test_an_unknown_event_leaves_without_its_content(someone: Reader) -> None:
    await someone.told("bid:1", text="Your bid of {amount}", facts={"amount": "¥152,000.00"})
    await someone.deliver()
    [mail] = someone.mails
    assert all("152,000" not in part for part in (plain(mail), html(mail), *map(str, mail.values())))
    assert mail["Subject"] == "贵单位有一条新消息，请登录查看。"


async def leave(person_id: UUID) -> None:
    await execute("UPDATE membership SET until = now() WHERE person_id = $1", person_id)


async def move(person_id: UUID) -> None:
    await change_profile(person_id, name="王芳", phone="13800138000", email="other@example.org")


@pytest.mark.parametrize("change", [leave, move])
async def test_nobody_is_told_who_should_not_be_any_more(someone: Reader, change: Callable[[UUID], Any]) -> None:
    await someone.told()
    assert someone.viewer.person_id is not None
    await change(someone.viewer.person_id)
    await someone.deliver()
    assert someone.mails == []
    assert (await parcel())["state"] == "given_up"


async def test_nothing_goes_to_an_address_before_its_code(someone: Reader) -> None:
    person_id, key = someone.viewer.person_id, someone.world.settings.secret_key
    assert person_id is not None
    await move(person_id)
    await someone.told()
    assert await fetch_value("SELECT count(*) FROM message_parcel WHERE kind = 'single'") == 0
    await execute("UPDATE message_address SET asked_at = asked_at - interval '2 minutes'")
    await ask_for_code(person_id, "email", locale="en", now=someone.world.now)
    with pytest.raises(Refusal, match=r"address\.asked"):
        await ask_for_code(person_id, "email", locale="en", now=someone.world.now)
    await someone.deliver()
    code = code_in(someone.mails)
    for left in range(5):
        wrong = "000000" if code != "000000" else "111111"
        with pytest.raises(Refusal, match=r"address\.wrong_code"):
            await give_code(person_id, "email", wrong, key=key)
        assert left >= 0
    with pytest.raises(Refusal, match=r"address\.tried"):
        await give_code(person_id, "email", code, key=key)
    assert await fetch("SELECT 1 FROM message_address WHERE verified_at IS NOT NULL") == []
