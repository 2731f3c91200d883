"""Calls to programs of organisations: signed, in order, only into the public internet, and with a log."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.clock import FixedClock
from market.kernel.db import fetch, fetch_value
from market.kernel.errors import NotFound, Refusal
from market.notices.forms import BAD_TARGETS, problem_said
from market.notices.webhooks import actions
from market.notices.webhooks.network import call, checked_address
from market.notices.webhooks.queries import EndpointView, access_endpoint, calls_of
from market.notices.webhooks.rules import (
    Address,
    BadTarget,
    Health,
    Outcome,
    check_public,
    health,
    outcome_of,
    signature,
    signed_headers,
    target_of,
)
from market.notices.webhooks.sending import call_due
from tests.notices.scene import Reader


@dataclass
class Receiver:
    """A program that takes calls, on a real socket. `answers`: status lines in order, the last one for ever."""

    answers: list[str] = field(default_factory=lambda: ["204 No Content"])
    calls: list[tuple[dict[str, str], str]] = field(default_factory=list)
    port: int = 0
    may_answer: asyncio.Event | None = None

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:])
        }
        body = (await reader.readexactly(int(headers["content-length"]))).decode()
        self.calls.append((headers, body))
        if self.may_answer is not None:
            await self.may_answer.wait()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        writer.write(f"HTTP/1.1 {answer}\r\ncontent-length: 4\r\nconnection: close\r\n\r\nseen".encode())
        await writer.drain()
        writer.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    @property
    def said(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.calls]


@asynccontextmanager
async def receiving(*answers: str) -> AsyncIterator[Receiver]:
    receiver = Receiver(list(answers) or ["200 OK"])
    server = await asyncio.start_server(receiver.take, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver


@dataclass
class Caller:
    someone: Reader
    endpoint: EndpointView
    secret: str

    async def call(self) -> int:
        return await call_due(self.someone.post, self.someone.world.now)

    async def again(self) -> EndpointView:
        return await access_endpoint(self.endpoint.organisation_id, self.endpoint.id)

    async def first_due(self) -> Any:
        return await fetch_value("SELECT due_at FROM webhook_call WHERE state = 'waiting' ORDER BY no LIMIT 1")


async def caller(someone: Reader, url: str, events: list[str] | None = None) -> Caller:
    someone = someone.through(to_this_machine=True)
    viewer, key = someone.viewer, someone.world.settings.secret_key
    assert viewer.organisation_id is not None
    assert viewer.person_id is not None
    endpoint_id, secret = await actions.add_endpoint(
        viewer.organisation_id, viewer.person_id, url, events or [], key=key, now=someone.world.now
    )
    return Caller(someone, await access_endpoint(viewer.organisation_id, endpoint_id), secret)


def verified(secret: str, headers: dict[str, str], body: str) -> bool:
    """As a receiver does it, written from the specification alone."""
    key = base64.b64decode(secret[len("whsec_") :])
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{expected}" in headers["webhook-signature"].split(" ")


def test_the_example_of_the_specification() -> None:
    secret, call_id = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    made = signature(secret, call_id, 1614265330, '{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert len(signed_headers([secret, secret], call_id, 1, "{}")["webhook-signature"].split(" ")) == 2


async def test_an_endpoint_that_is_slow_delays_no_other(someone: Reader) -> None:
    """The slow one answers once the quick one has everything: whoever calls one after the other gets no answer in time."""
    async with receiving() as slow, receiving() as quick:
        slow.may_answer = asyncio.Event()
        calls = await caller(someone, slow.url)
        await caller(someone, quick.url)
        for number in (1, 2):
            await someone.told(f"contract.opened:{number}")
        calling = asyncio.create_task(calls.call())
        while len(quick.calls) < 2 and not calling.done():
            await asyncio.wait([calling], timeout=0.01)
        assert (len(slow.calls), len(quick.calls)) == (1, 2)
        slow.may_answer.set()
        await calling
    assert len(slow.calls) == 2


PRIVATE = (
    "127.0.0.1", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.100.100.200", "0.0.0.0", "255.255.255.255",
    "224.0.0.1", "198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1",
)  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused(address: str) -> None:
    with pytest.raises(BadTarget):
        check_public(ip_address(address))
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(BadTarget):
        target_of(f"https://{host}/hooks")


@pytest.mark.parametrize("address", ["8.8.8.8", "223.5.5.5", "2400:3200::1", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_public_addresses_pass(address: str) -> None:
    check_public(ip_address(address))


@given(
    st.ip_addresses(network="127.0.0.0/8")
    | st.ip_addresses(network="10.0.0.0/8")
    | st.ip_addresses(network="169.254.0.0/16")
)
def test_no_wrapping_hides_a_private_address(address: Address) -> None:
    number = int(address)
    for wrapped in (number | 0xFFFF << 32, number | 0x64FF9B << 96, 0x2002 << 112 | number << 80):
        with pytest.raises(BadTarget):
            check_public(ip_address(wrapped.to_bytes(16, "big")))


@pytest.mark.parametrize(
    ("url", "why"),
    [("http://example.com/", "scheme"), ("ftp://example.com/", "scheme"), ("https://", "host"), ("hooks", "host"),
     ("https://u:p@example.com/", "user"), ("https://example.com/#a", "user"), ("https://exa mple.com/", "host"),
     ("https://example.com:99999/", "host"), ("https://example.com\\@10.0.0.1/", "host"), ("https://[::1/", "host"),
     ("https://example.com/\r\nx: y", "host"), ("http://127.0.0.1/", "scheme"), ("https://localhost:0/", "host")],
)  # fmt: skip
def test_what_is_no_address_of_a_webhook(url: str, why: str) -> None:
    with pytest.raises(BadTarget) as bad:
        target_of(url)
    assert bad.value.why == why


async def test_a_name_may_not_lead_inside() -> None:
    """Neither alone nor beside a public address; and what a second look-up would say does not matter, because there is none."""

    async def mixed(host: str, port: int) -> list[Address]:
        return [ip_address("8.8.8.8"), ip_address("10.0.0.1")]

    with pytest.raises(BadTarget):
        await checked_address(target_of("https://example.com/"), to_this_machine=False, resolve=mixed)
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> list[Address]:
        asked.append(host)
        return [ip_address("127.0.0.1")]

    async with receiving() as receiver:
        answer = await call(
            f"http://localhost:{receiver.port}/hooks", {}, "{}", to_this_machine=True, resolve=rebinding
        )
        assert (answer.status, asked) == (200, ["localhost"])
        assert receiver.calls[0][0]["host"] == f"localhost:{receiver.port}"
        refused = await call(f"https://localhost:{receiver.port}/hooks", {}, "{}", to_this_machine=False)
        assert (refused.status, refused.problem, len(receiver.calls)) == (None, "refused: private", 1)
    # A name in Chinese is one that can be called; nothing listens there.
    named = await call("https://测绘.example.cn:1/钩子", {}, "{}", to_this_machine=True, resolve=rebinding)
    assert (named.status, named.problem) == (None, "not reached: ConnectError")


@pytest.mark.parametrize(
    ("status", "tries", "outcome"),
    [(200, 1, Outcome.DELIVERED), (299, 9, Outcome.DELIVERED), (301, 1, Outcome.AGAIN), (410, 1, Outcome.GONE),
     (None, 99, Outcome.AGAIN), (500, 99, Outcome.AGAIN), (422, 4, Outcome.AGAIN), (422, 5, Outcome.SET_ASIDE),
     (429, 5, Outcome.AGAIN)],
)  # fmt: skip
def test_what_an_answer_means(status: int | None, tries: int, outcome: Outcome) -> None:
    assert outcome_of(status, tries) is outcome


def test_the_log_says_in_words_why_no_answer_came() -> None:
    for why in ("scheme", "host", "user", "private", "unknown"):
        assert problem_said(f"refused: {why}").text == BAD_TARGETS[why]
    assert problem_said("no answer in time").facts == {"seconds": 10}
    assert problem_said("not reached: ConnectError").facts == {"kind": "ConnectError"}


def test_health(clock: FixedClock) -> None:
    rules = {"warn": timedelta(days=1), "off": timedelta(days=5)}
    since = clock.now()
    assert health(None, since, **rules) is Health.FINE
    for days, state in ((0.9, Health.FINE), (1, Health.WARN), (4.9, Health.WARN), (5, Health.OFF)):
        assert health(since, since + timedelta(days=days), **rules) is state


async def test_calls_are_signed_in_order_and_logged(someone: Reader) -> None:
    async with receiving("500 Oops", "200 OK") as receiver:
        made = await caller(someone, receiver.url)
        await made.someone.told()
        await made.someone.told("contract.in_force:1", text="The contract of {project} is in force.")
        assert await made.call() == 1  # the first failed: the second waits behind it
        assert (await made.again()).state == "failing"
        made.someone.world.clock.set(await made.first_due())
        assert await made.call() == 2
        assert receiver.said == ["contract.opened", "contract.opened", "contract"]
        assert all(verified(made.secret, *one) for one in receiver.calls)
        assert receiver.calls[0][0]["webhook-id"] == receiver.calls[1][0]["webhook-id"]
        data = json.loads(receiver.calls[2][1])["data"]
        assert data["text"] == {"zh_CN": "“道路测绘”的合同已生效。", "en": "The contract of 道路测绘 is in force."}
        assert (await made.again()).state == "on"
        calls, total = await calls_of(made.endpoint.id, 1)
        assert (total, [one.state for one in calls]) == (2, ["delivered", "delivered"])
        assert [(one["status"], one["answer"]) for one in calls[1].tries_made] == [(200, "seen"), (500, "seen")]


async def test_only_the_chosen_events_and_nothing_withheld(someone: Reader) -> None:
    async with receiving() as receiver:
        made = await caller(someone, receiver.url, ["contract.opened"])
        await made.someone.told("contract.in_force:1")
        await made.someone.told(facts={"project": "道路测绘", "reason": "secret words"})
        await made.call()
        assert receiver.said == ["contract.opened"]
        assert "secret words" not in receiver.calls[0][1]


async def test_warned_then_turned_off_then_on_again_without_loss(someone: Reader, clock: FixedClock) -> None:
    async with receiving("503 Later") as receiver:
        made = await caller(someone, receiver.url)
        await made.someone.told()
        began = clock.now()
        while (await made.again()).disabled_at is None and clock.now() < began + timedelta(days=6):
            await made.call()
            clock.set(max(await made.first_due(), clock.now() + timedelta(hours=6)))
        endpoint = await made.again()
        assert endpoint.disabled_at is not None
        assert timedelta(days=5) <= endpoint.disabled_at - began <= timedelta(days=5, hours=7)
        told = await fetch("SELECT cause FROM inbox_message WHERE cause LIKE 'webhook.%' ORDER BY at")
        assert [one["cause"].split(":")[0] for one in told] == ["webhook.failing", "webhook.off"]
        assert await made.call() == 0
        receiver.answers[:] = ["200 OK"]
        await actions.turn(endpoint, on=True, now=clock.now())
        assert await made.call() == 1
        assert receiver.said[-1] == "contract.opened"


async def test_gone_means_gone(someone: Reader) -> None:
    async with receiving("410 Gone") as receiver:
        made = await caller(someone, receiver.url)
        await made.someone.told()
        await made.call()
        assert (await made.again()).state == "off_by_rule"


async def test_what_is_refused_is_set_aside(someone: Reader) -> None:
    async with receiving(*["422 No"] * 5, "200 OK") as receiver:
        made = await caller(someone, receiver.url)
        await made.someone.told()
        await made.someone.told("contract.in_force:1")
        for _ in range(5):
            made.someone.world.clock.set(max(await made.first_due(), made.someone.world.now))
            await made.call()
        assert [one.state for one in (await calls_of(made.endpoint.id, 1))[0]] == ["delivered", "refused"]


async def test_redirects_lead_nowhere(someone: Reader) -> None:
    async with receiving("302 Found\r\nlocation: http://127.0.0.1:1/") as receiver:
        made = await caller(someone, receiver.url)
        await actions.ping(made.endpoint, now=made.someone.world.now)
        await made.call()
        assert receiver.said == ["ping"]
        assert (await calls_of(made.endpoint.id, 1))[0][0].tries_made[0]["status"] == 302


async def test_both_secrets_sign_for_a_day(someone: Reader, clock: FixedClock) -> None:
    async with receiving() as receiver:
        made = await caller(someone, receiver.url)
        new = await actions.rotate(made.endpoint, key=made.someone.world.settings.secret_key, now=clock.now())
        for hours in (23, 2):
            await actions.ping(made.endpoint, now=clock.advance(hours=hours))
            await made.call()
        assert [(verified(made.secret, *one), verified(new, *one)) for one in receiver.calls] == [
            (True, True),
            (False, True),
        ]


async def test_replay_keeps_order_and_ids(someone: Reader) -> None:
    async with receiving() as receiver:
        made = await caller(someone, receiver.url)
        for number in range(3):
            await made.someone.told(f"contract.opened:{number}")
        await made.call()
        calls, _ = await calls_of(made.endpoint.id, 1)
        now = made.someone.world.now
        assert await actions.replay(made.endpoint, calls[2].id, and_later=False, now=now) == 1
        await made.call()
        assert await actions.replay(made.endpoint, calls[1].id, and_later=True, now=now) == 2
        await made.call()
        ids = [headers["webhook-id"] for headers, _ in receiver.calls]
        assert ids[3:] == [ids[0], ids[1], ids[2]]
        with pytest.raises(NotFound):
            await actions.replay(made.endpoint, made.endpoint.id, and_later=True, now=now)


async def test_two_workers_keep_the_order(someone: Reader) -> None:
    async with receiving() as receiver:
        made = await caller(someone, receiver.url)
        for number in range(5):
            await made.someone.told(f"contract.opened:{number}")
        while await fetch_value("SELECT count(*) FROM webhook_call WHERE state = 'waiting'"):
            await asyncio.gather(*(made.call() for _ in range(3)))
        numbers = [row["id"] for row in await fetch("SELECT id::text FROM webhook_call ORDER BY no")]
        assert [headers["webhook-id"] for headers, _ in receiver.calls] == numbers


async def test_an_organisation_has_so_many(someone: Reader) -> None:
    for number in range(5):
        await caller(someone, f"https://example.com/{number}")
    with pytest.raises(Refusal, match=r"webhook\.most"):
        await caller(someone, "https://example.com/6")
