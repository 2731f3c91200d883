"""Sealed bids of 2,000 agencies over HTTP, each committed durably before it is answered, against bare inserts of the same
rows.

The market serves as it does in production, in one process; a process of its own sends the forms over 32 connections, made
and sealed beforehand. A bid is taken when its receipt is committed. The floor writes the same four rows of each bid (two of
the register, sign-up, bid) with asyncpg alone: one statement and one durable commit a bid, over as many connections.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from statistics import median, quantiles
from time import perf_counter
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import asyncpg
import uvicorn
from litestar import Litestar

from market.accounts.queries import token_digest
from market.beacon.rules import Chain, commit_round
from market.beacon.timelock import seal
from market.cli.bench.bid_sender import Sent, send_all
from market.cli.bench.harness import Contest, Measurement, Part, compare, steps
from market.cli.bench.market import populate, temporary_market
from market.cli.bench.progress import Progress
from market.cli.listening import listen
from market.kernel import db
from market.kernel.clock import wall_now
from market.kernel.ids import new_id
from market.web.context import Running
from market.web.security import CSRF_COOKIE, CSRF_FIELD, SESSION_COOKIE, form_token
from projects.selection.bids.text import Belonging, write
from projects.selection.methods.terms import Quote

AGENCIES = 2_000
CONNECTIONS = 32
AIM = 0.4
PROJECTS = 2_000
WINDOW = timedelta(minutes=1)
_PREPARE = """
UPDATE project SET method = 'lowest_price', price_fen = NULL, ceiling_fen = 10000000, floor_fen = 5000000,
       sign_up_closes_at = now() + interval '1 hour', due_at = now() + interval '1 hour'
WHERE id IN (SELECT id FROM project WHERE stage = 'sign_up' ORDER BY number LIMIT $1) RETURNING id, number
"""
_AGENCIES = """
SELECT a.agency_id AS agency, o.code, a.id AS authorised, m.person_id AS person FROM agency_authorised_person a
JOIN organisation o ON o.id = a.agency_id JOIN membership m ON m.organisation_id = a.agency_id ORDER BY o.code LIMIT $1
"""


@dataclass(frozen=True)
class Bidder:
    """One agency with its session, and what it will send: the same file to each of the projects in turn."""

    agency: UUID
    code: str
    authorised: UUID
    person: UUID
    session: str
    ciphertext: str


@dataclass(frozen=True)
class Tender:
    """One open project; every run has its own."""

    id: UUID
    number: str


async def open_tenders(count: int, number: int) -> list[Tender]:
    """Open for the lowest price, without a sign-up yet, bound to a beacon round."""
    rows = await db.fetch(_PREPARE, count)
    ids = [row["id"] for row in rows]
    await db.execute("DELETE FROM sign_up WHERE project_id = ANY ($1)", ids)
    await db.execute(
        "UPDATE selection_round SET beacon_round = $2, method = 'lowest_price' WHERE project_id = ANY ($1)", ids, number
    )
    return [Tender(**row) for row in rows]


async def bidders(count: int, chain: Chain, number: int) -> list[Bidder]:
    """Signed in, with a bid each that is sealed as browsers seal."""
    found = []
    for place, row in enumerate(await db.fetch(_AGENCIES, count)):
        belonging = Belonging("MX-2026-000001", row["code"], number, chain.hash, f"{place:032x}", Quote.PRICE)
        sealed = seal(chain, number, write(belonging, 50_000_00 + place))
        found.append(Bidder(**row, session=secrets.token_urlsafe(32), ciphertext=sealed))
    now = wall_now()
    await db.execute_many(
        "INSERT INTO session (id, token_digest, person_id, organisation_id, second_factor_passed, user_agent, address,"
        " created_at, last_seen_at, expires_at) VALUES ($1,$2,$3,$4,true,'bench','127.0.0.1',$5,$5,$6)",
        [(new_id(), token_digest(one.session), one.person, one.agency, now, now + timedelta(days=1)) for one in found],
    )
    return found


def request_of(bidder: Bidder, tender: Tender, key: str) -> bytes:
    """The form as a browser sends it."""
    csrf = "x" * 43
    body = urlencode({
        CSRF_FIELD: form_token(key, csrf, bidder.session), "nonce": secrets.token_hex(16), "replaces": "",
        "authorised_person": str(bidder.authorised), "agreed": "on",
        "ciphertext": bidder.ciphertext.replace("\n", "\r\n"),
    }).encode()  # fmt: skip
    head = (
        f"POST /projects/{tender.number}/bid HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n"
        f"Cookie: {SESSION_COOKIE}={bidder.session}; {CSRF_COOKIE}={csrf}\r\nAccept: text/html\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@asynccontextmanager
async def served(application: Litestar) -> AsyncIterator[int]:
    """The market on a free port, over HTTP as it is served; its lifespan has begun already."""
    sock = listen("127.0.0.1", 0)
    sock.listen()  # so that whoever connects before the server looks waits for it
    server = uvicorn.Server(uvicorn.Config(application, log_level="warning", lifespan="off", server_header=False))
    task = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        yield int(sock.getsockname()[1])
    finally:
        server.should_exit = True
        await task


class Office:
    """Takes the bids of one tender after the other, and looks afterwards whether each of them is there."""

    def __init__(self, running: Running, port: int, crowd: Sequence[Bidder], tenders: Sequence[Tender]) -> None:
        self.running, self.port, self.crowd = running, port, crowd
        self.tenders, self.slowest = iter(tenders), [0.0]
        self.senders = ProcessPoolExecutor(1, mp_context=get_context("spawn"))

    async def rate(self) -> float:
        tender = next(self.tenders)
        key = self.running.settings.secret_key.reveal()
        requests = [request_of(bidder, tender, key) for bidder in self.crowd]
        closes_at = wall_now() + WINDOW
        await db.execute("UPDATE project SET sign_up_closes_at = $2 WHERE id = $1", tender.id, closes_at)
        loop = asyncio.get_running_loop()
        sent: Sent = await loop.run_in_executor(self.senders, send_all, self.port, requests, CONNECTIONS)
        await self._check(tender, sent)
        self.slowest.append(_p99(sent.latencies))
        return len(requests) / sent.seconds

    async def _check(self, tender: Tender, sent: Sent) -> None:
        """None lost, none late: every answer is a receipt, and behind every receipt stands its bid."""
        rows = await db.fetch(
            "SELECT b.id FROM sealed_bid b JOIN project p ON p.id = b.project_id WHERE b.project_id = $1 AND b.ended IS NULL"
            " AND b.received_at < p.sign_up_closes_at AND b.ciphertext IS NOT NULL", tender.id)  # fmt: skip
        kept = {f"/projects/{tender.number}/bids/{row['id']}" for row in rows}
        if set(sent.receipts) != kept or len(kept) != len(self.crowd):
            raise RuntimeError(
                f"{len(self.crowd)} bids were sent, {len(set(sent.receipts))} receipts given, {len(kept)} kept"
            )


_ROWS: Final = """
WITH e AS (INSERT INTO register_entry (id, at, kind, subject, by, data, private_digest)
           VALUES ($1, $2, 'bid.sealed', 'sealed', 'agency', $3, $4)),
p AS (INSERT INTO register_private (entry_id, salt, facts) VALUES ($1, $5, $6)),
s AS (INSERT INTO sign_up (id, project_id, agency_id, authorised_person_id, practitioner_ids, signed_by, signed_up_at, entry_id)
      VALUES ($7, $8, $9, $10, '{}', $11, $2, $1))
INSERT INTO sealed_bid (id, project_id, sign_up_id, agency_id, nonce, beacon_chain, beacon_round, ciphertext,
                        ciphertext_sha256, sealed_by, sent_by, received_at, entry_id)
VALUES ($12, $8, $7, $9, $13, $14, $15, $16, $17, 'browser', $11, $2, $1)
"""


class Bare:
    """The same rows by asyncpg alone."""

    def __init__(self, dsn: str, chain: str, number: int, crowd: Sequence[Bidder], tenders: Sequence[Tender]) -> None:
        self.dsn, self.chain, self.number, self.crowd, self.tenders = dsn, chain, number, crowd, iter(tenders)
        self.slowest = [0.0]

    async def rate(self) -> float:
        tender = next(self.tenders)
        waiting = iter([self._row(bidder, tender) for bidder in self.crowd])
        links: list[Any] = [await asyncpg.connect(self.dsn) for _ in range(CONNECTIONS)]
        latencies: list[float] = []

        async def work(link: Any) -> None:
            for row in waiting:
                asked = perf_counter()
                await link.execute(_ROWS, *row)
                latencies.append(perf_counter() - asked)

        started = perf_counter()
        await asyncio.gather(*map(work, links))
        seconds = perf_counter() - started
        for link in links:
            await link.close()
        self.slowest.append(_p99(latencies))
        return len(self.crowd) / seconds

    def _row(self, bidder: Bidder, tender: Tender) -> tuple[Any, ...]:
        sha256 = hashlib.sha256(bidder.ciphertext.encode()).hexdigest()
        bid_id, salt = new_id(), secrets.token_hex(16)
        data = f'{{"ciphertext_sha256":"{sha256}"}}'
        facts = f'{{"agency":"{bidder.code}","bid":"{bid_id}","project":"{tender.number}"}}'
        digest = hashlib.sha256((salt + facts).encode()).hexdigest()
        return (
            new_id(), wall_now(), data, digest, salt, facts, new_id(), tender.id, bidder.agency, bidder.authorised,
            bidder.person, bid_id, secrets.token_hex(16), self.chain, self.number, bidder.ciphertext, sha256,
        )  # fmt: skip


def _p99(latencies: Sequence[float]) -> float:
    """In milliseconds."""
    return quantiles(latencies, n=100)[98] * 1000 if len(latencies) > 1 else max(latencies) * 1000


async def measure(runs: int, progress: Progress) -> Measurement:
    async with temporary_market() as (application, running):
        chain: Chain = running.beacon.chain
        await populate(running.dsn, projects=PROJECTS, chain=chain.hash)
        number = commit_round(chain, wall_now() + timedelta(hours=2))
        tenders = await open_tenders(2 * (runs + 1), number)
        crowd = await bidders(AGENCIES, chain, number)
        async with served(application) as port:
            office = Office(running, port, crowd, tenders[: runs + 1])
            bare = Bare(running.dsn, chain.hash, number, crowd, tenders[runs + 1 :])
            with progress.counting("bids", steps(1, runs)) as step, office.senders:
                parts = await compare([Contest("bids", office.rate, bare.rate)], runs=runs, step=step)
    slowest = Part("p99", median(office.slowest[2:]), median(bare.slowest[2:]), better="lower", counts=False, unit="ms")
    return Measurement("bids", "bids/s", AIM, runs, (*parts, slowest))
