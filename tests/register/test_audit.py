"""The audit finds what is done straight in the database, with every trigger and foreign key switched off."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from market.cli.audit import CHECKS, COMPARERS, audit_here, audit_market
from market.kernel import db
from market.kernel.db import execute, fetch_value, transaction
from market.kernel.settings import Secret, Settings
from market.register.acts import NAMES
from market.register.audit import Finding
from market.register.keys import FOLDER, open_keys
from market.register.log import checkpoint, keys
from market.register.notes import Checkpoint, Kind, SigningKey, sign_note
from ratings.credit.standings import all_standings
from tests.beginnings import copy_database
from tests.conftest import database_dsn
from tests.register.audited import build_market, copied_keys
from tests.register.forging import by_force, rewrite_log, roll_back


@pytest.fixture(scope="session")
async def built(
    server_dsn: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[str, Path]]:
    """The name of a database with a lived-in market, and the folder of its keys."""
    name, folder = f"template_{uuid4().hex}", tmp_path_factory.mktemp("audited")
    link = await asyncpg.connect(server_dsn)
    await copy_database(link, name, template)
    dsn = database_dsn(server_dsn, name)
    await db.connect(dsn, pool_size=4)
    await build_market(
        Settings(
            mode="test", data_dir=folder, secret_key=Secret("a secret of the tests, long enough"), run_worker=False
        ),
        dsn,
    )
    await db.disconnect()
    yield name, folder / FOLDER
    await link.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await link.close()


@pytest.fixture
async def market(server_dsn: str, built: tuple[str, Path], settings: Settings) -> AsyncIterator[None]:
    """A copy of it to spoil."""
    name = f"test_{uuid4().hex}"
    link = await asyncpg.connect(server_dsn)
    await copy_database(link, name, built[0])
    copied_keys(built[1], settings.data_dir / FOLDER)
    open_keys(settings)
    await db.connect(database_dsn(server_dsn, name), pool_size=2)
    yield
    await db.disconnect()
    await link.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await link.close()


def kinds(found: list[Finding]) -> set[tuple[str, str]]:
    return {(one.kind, one.table) for one in found}


async def test_an_honest_market_has_nothing_to_find(market: None) -> None:
    steps: list[int] = []
    leaves: list[int] = []
    assert await audit_market(leaf=leaves.append, check=lambda: steps.append(1)) == []
    assert len(steps) == len(CHECKS)
    assert leaves[-1] == await fetch_value("SELECT count(*) FROM register_leaf")


async def test_the_market_to_tamper_with_has_acts_of_many_kinds(market: None) -> None:
    """Else the comparison of a kind could find nothing because there is nothing."""
    recorded = {row["kind"] for row in await db.fetch("SELECT DISTINCT kind FROM register_entry")}
    assert len({comparer.kind for comparer in COMPARERS} & recorded) >= 22
    assert {comparer.kind for comparer in COMPARERS} <= NAMES.keys()


ENTRY = "SELECT id FROM register_entry WHERE kind = 'draw.made' ORDER BY written LIMIT 1"
IN_THE_LOG: dict[str, tuple[str, tuple[str, str]]] = {
    "an entry's facts": (
        f"UPDATE register_entry SET data = jsonb_set(data, '{{winner}}', '\"91370200MA00000000\"') WHERE id = ({ENTRY})",
        ("altered", "register_entry")),
    "all facts of an act": (f"UPDATE register_entry SET data = '{{}}' WHERE id = ({ENTRY})", ("altered", "register_entry")),
    "facts of another shape": (f"UPDATE register_entry SET data = '[1]' WHERE id = ({ENTRY})", ("altered", "register_entry")),
    "facts that no entry can have": ("UPDATE register_entry SET data = '{\"n\": 1e300}'", ("altered", "register_entry")),
    "private facts that nobody could record": ("UPDATE register_private SET facts = '{\"n\": 1e300}'", ("altered", "register_private")),
    "an entry's time": (f"UPDATE register_entry SET at = at - interval '1 second' WHERE id = ({ENTRY})", ("altered", "register_entry")),
    "an entry's author": (f"UPDATE register_entry SET by = 'operator' WHERE id = ({ENTRY})", ("altered", "register_entry")),
    "an entry's number": (
        "ALTER TABLE register_entry ALTER written DROP IDENTITY; UPDATE register_entry SET written = 100000 WHERE id ="
        " (SELECT id FROM register_entry WHERE kind = 'list.proposed' LIMIT 1)", ("altered", "register_entry")),
    "an entry's private digest": (
        "UPDATE register_entry SET private_digest = repeat('0', 64) WHERE kind = 'sign_up.made'", ("altered", "register_entry")),
    "an entry, deleted": (f"DELETE FROM register_entry WHERE id = ({ENTRY})", ("missing", "register_entry")),
    "a leaf, deleted": ("DELETE FROM register_leaf WHERE leaf = 7", ("missing", "register_leaf")),
    "a leaf's hash": ("UPDATE register_leaf SET leaf_hash = sha256('other') WHERE leaf = 7", ("altered", "register_checkpoint")),
    "a leaf's entry": (
        "ALTER TABLE register_leaf DROP CONSTRAINT register_leaf_of_entry_once; UPDATE register_leaf SET entry_id = (SELECT entry_id FROM register_leaf WHERE leaf = 8) WHERE leaf = 7", ("altered", "register_entry")),
    "two leaves, exchanged": (
        "ALTER TABLE register_leaf DROP CONSTRAINT register_leaf_pkey; UPDATE register_leaf SET leaf = 21 - leaf WHERE leaf IN (10, 11)",
        ("altered", "register_checkpoint")),
    "a leaf behind all that was signed": (
        "INSERT INTO register_leaf SELECT max(leaf) + 1, gen_random_uuid(), sha256('more') FROM register_leaf", ("extra", "register_leaf")),
    "an entry that never waited": (
        "INSERT INTO register_entry (id, at, kind, subject, by, data) VALUES (gen_random_uuid(), now(), 'list.proposed', 'x', 'market', '{}')",
        ("extra", "register_entry")),
    "an entry that waited": ("INSERT INTO register_waiting VALUES (999999)", ("missing", "register_entry")),
    "a hash over leaves": ("UPDATE register_subtree SET hash = sha256('other')", ("altered", "register_subtree")),
    "a hash over leaves, deleted": ("DELETE FROM register_subtree", ("missing", "register_subtree")),
    "a hash over leaves that are not there": ("INSERT INTO register_subtree VALUES (2, 0, sha256('x'))", ("extra", "register_subtree")),
    "the root of a checkpoint": (
        "UPDATE register_checkpoint SET root = sha256('other') WHERE size = (SELECT min(size) FROM register_checkpoint)",
        ("altered", "register_checkpoint")),
    "the note of a checkpoint": ("UPDATE register_checkpoint SET note = replace(note, E'\\n', E'\\n ')", ("altered", "register_checkpoint")),
    "the register's key": (
        "UPDATE register_key SET vkey = 'market.example/register+1af1a2f2+AVs7SGeIcsmqLZ/M8SD5RXOaDmw9kHDH8zzOfvqwyfQ0'",
        ("altered", "register_key")),
    "private facts": (
        "UPDATE register_private SET facts = '{\"agency\": \"91370200MA00000000\"}' WHERE facts ? 'agency'", ("altered", "register_private")),
}  # fmt: skip
IN_THE_TABLES: dict[str, tuple[str, tuple[str, str]]] = {
    "an extra sign-up": (
        "DROP INDEX sign_up_once; INSERT INTO sign_up SELECT gen_random_uuid(), project_id, agency_id, authorised_person_id, practitioner_ids, signed_by,"
        " signed_up_at, gen_random_uuid() FROM sign_up LIMIT 1", ("extra", "sign_up")),
    "a sign-up, deleted": ("DELETE FROM sign_up WHERE ctid = (SELECT ctid FROM sign_up LIMIT 1)", ("missing", "sign_up")),
    "a sign-up's agency": (
        "DROP INDEX sign_up_once; UPDATE sign_up SET agency_id = (SELECT id FROM organisation WHERE kind = 'agency' AND id <> agency_id LIMIT 1)"
        " WHERE ctid = (SELECT ctid FROM sign_up LIMIT 1)", ("altered", "sign_up")),
    "the time of a sign-up": ("UPDATE sign_up SET signed_up_at = signed_up_at - interval '1 minute'", ("altered", "sign_up")),
    "the winner of a draw": (
        "UPDATE selection_round SET winner_id = (SELECT id FROM organisation WHERE kind = 'agency' AND id <> winner_id LIMIT 1)"
        " WHERE no = 1 AND drawn_at IS NOT NULL", ("altered", "selection_round")),
    "the winner of a project": (
        "UPDATE project SET winner_id = (SELECT id FROM organisation WHERE kind = 'agency' AND id <> winner_id LIMIT 1)",
        ("altered", "project")),
    "a dossier": ("UPDATE selection_round SET dossier = overlay(dossier PLACING '9' FROM 40 FOR 1)", ("altered", "selection_round")),
    "who was in the pool": ("UPDATE selection_round SET pool = pool - 0 WHERE pool IS NOT NULL", ("altered", "selection_round")),
    "the round of the beacon": ("UPDATE selection_round SET beacon_round = beacon_round + 1 WHERE no = 1", ("altered", "selection_round")),
    "the round of a further draw": ("UPDATE selection_round SET beacon_round = beacon_round + 1 WHERE no > 1", ("altered", "selection_round")),
    "an answer to an objection": ("UPDATE objection SET decision = 'upheld', remedy = 'redraw'", ("altered", "objection")),
    "an objection, deleted": ("DELETE FROM objection", ("missing", "objection")),
    "the price in a notice": ("UPDATE project SET price_fen = price_fen + 1", ("altered", "project")),
    "the words of a notice": ("UPDATE project SET content = content || '（另有约定）'", ("altered", "project")),
    "the requirements of a notice": ("UPDATE project_requirement SET level = 'other'", ("altered", "project")),
    "the stage of a project": ("UPDATE project SET stage = 'withdrawn' WHERE stage = 'sign_up'", ("altered", "project")),
    "a moment without a day": ("UPDATE register_entry SET data = jsonb_set(data, '{sign_up_closes_at}', '\"soon\"') WHERE kind = 'project.published'",
        ("altered", "register_entry")),
    "a project, deleted": ("DELETE FROM project WHERE stage = 'sign_up'", ("missing", "project")),
    "an extra project": (
        "INSERT INTO project (id, number, owner_id, draft_id, stage, method, title, service_items, service_classes, service_mode, region_code,"
        " scale, content, service_days, service_time_note, investment_name, approval_matter, approval_number, fiscal_share, price_fen, price_note,"
        " contact_name, contact_phone, complaint_phone, requirement_mode, practitioners_needed, practitioner_profession, other_requirements, remarks,"
        " catalogue_version, rulebook_version, published_by, published_at, sign_up_opens_at, sign_up_closes_at, beacon_chain)"
        " SELECT gen_random_uuid(), 'MX-2026-009999', owner_id, gen_random_uuid(), stage, method, title, service_items, service_classes, service_mode,"
        " region_code, scale, content, service_days, service_time_note, investment_name, approval_matter, approval_number, fiscal_share, price_fen,"
        " price_note, contact_name, contact_phone, complaint_phone, requirement_mode, practitioners_needed, practitioner_profession,"
        " other_requirements, remarks, catalogue_version, rulebook_version, published_by, published_at, sign_up_opens_at, sign_up_closes_at,"
        " beacon_chain FROM project LIMIT 1", ("extra", "project")),
    "the price of a contract": ("UPDATE contract SET price_fen = price_fen * 2", ("altered", "contract")),
    "the terms of a contract": ("UPDATE contract SET terms = jsonb_set(terms, '{service_days}', '99')", ("altered", "contract")),
    "the agency of a contract": (
        "UPDATE contract SET agency_id = (SELECT id FROM organisation WHERE kind = 'agency' AND id <> agency_id LIMIT 1)", ("altered", "contract")),
    "a signature": ("UPDATE contract SET owner_signed_at = owner_signed_at + interval '1 day'", ("altered", "contract")),
    "a refusal": ("UPDATE contract SET end_reason = 'something else' WHERE ended IS NOT NULL", ("altered", "contract")),
    "how late a delivery was": ("UPDATE delivery SET late_days = late_days + 5", ("altered", "delivery")),
    "an acceptance": ("UPDATE delivery SET decision = 'accepted_by_silence', decided_by = NULL", ("altered", "delivery")),
    "what was delivered": ("UPDATE stored_file SET sha256 = repeat('0', 64)", ("altered", "delivery")),
    "a rating": ("UPDATE rating SET overall = 100 WHERE side = 'owner'", ("altered", "rating")),
    "sealed marks": ("UPDATE rating SET marks = '{}' WHERE side = 'agency'", ("altered", "rating")),
    "a credit event, deleted": ("DELETE FROM credit_event WHERE ctid = (SELECT ctid FROM credit_event LIMIT 1)", ("missing", "credit_event")),
    "the points of a credit event": ("UPDATE credit_event SET points = points + 100", ("altered", "credit_event")),
    "an extra credit event": (
        "INSERT INTO credit_event SELECT gen_random_uuid(), organisation_id, 'bonus', 1000, rulebook_version, rule, occurred_at, recorded_at,"
        " valid_until, evidence_id, project_number, NULL FROM credit_event LIMIT 1", ("extra", "credit_event")),
    "a list entry, deleted": ("DELETE FROM list_entry", ("missing", "list_entry")),
    "the term of a list entry": ("UPDATE list_entry SET until_at = from_at + interval '1 day'", ("altered", "list_entry")),
    "a list entry, quietly ended": ("UPDATE list_entry SET removed_at = from_at, removal_reason = 'x'", ("extra", "list_entry")),
    "a restriction, lifted": ("UPDATE agency_standing SET restricted_until = NULL", ("altered", "agency_standing")),
    "an extra suspension": (
        "UPDATE agency_standing SET suspended_until = now() + interval '100 years' WHERE restricted_until IS NULL", ("extra", "agency_standing")),
    "an agency that nobody admitted": (
        "UPDATE agency SET stage = 'admitted', admitted_at = now() WHERE organisation_id ="
        " (SELECT organisation_id FROM agency ORDER BY organisation_id LIMIT 1)", ("altered", "agency")),
    "an agency, shut out": ("UPDATE agency SET stage = 'exited' WHERE stage = 'admitted'", ("altered", "agency")),
    "what an agency may do": ("UPDATE agency SET service_items = service_items || '{Z999}'", ("altered", "agency")),
    "the name of an agency": ("UPDATE organisation SET name = name || '集团' WHERE kind = 'agency'", ("altered", "agency")),
    "an extra certificate": (
        "INSERT INTO agency_qualification (id, agency_id, qualification_type, level, specialities, certificate_number, valid_from, valid_until,"
        " review, created_at) SELECT gen_random_uuid(), agency_id, qualification_type, level, specialities, 'FORGED-1', valid_from, valid_until,"
        " review, created_at FROM agency_qualification LIMIT 1", ("extra", "agency_qualification")),
    "how long a certificate counts": (
        "UPDATE agency_qualification SET valid_until = valid_until + 3650", ("extra", "agency_qualification")),
    "a number of the rulebook": (
        "UPDATE rulebook_version SET content = jsonb_set(content, '{version}', '\"other\"')", ("altered", "rulebook_version")),
    "the catalogue": ("UPDATE catalogue_version SET content = '{}'", ("altered", "catalogue_version")),
}  # fmt: skip


class _Undo(Exception):
    """Ends a transaction without leaving anything behind."""


async def found_after(sql: str) -> list[Finding]:
    """What the audit says after that was done, which is undone again."""
    found: list[Finding] = []
    with suppress(_Undo):
        async with transaction():
            await execute("SET LOCAL session_replication_role = replica")
            assert await execute(sql), f"nothing was done by {sql}"
            found += await audit_here()
            raise _Undo
    return found


@pytest.mark.parametrize("where", ["in the log", "in the tables"])
async def test_it_finds_every_tampering(market: None, where: str) -> None:
    unseen = {}
    for what, (sql, expected) in (IN_THE_LOG if where == "in the log" else IN_THE_TABLES).items():
        found = await found_after(sql)
        if expected not in kinds(found):
            unseen[what] = [one.members() for one in found]
    assert unseen == {}
    assert await audit_market() == []


async def test_it_names_the_row_and_the_entry(market: None) -> None:
    await by_force("UPDATE contract SET price_fen = 1 WHERE in_force_at IS NOT NULL")
    found = await audit_market()
    in_force = next(one for one in found if "contract.in_force" in one.detail)
    assert in_force.key == await fetch_value("SELECT number FROM contract WHERE in_force_at IS NOT NULL")
    assert "is 1" in in_force.detail and "price_fen was" in in_force.detail
    assert in_force.entry_id == await fetch_value("SELECT id FROM register_entry WHERE kind = 'contract.in_force'")
    assert json.dumps(in_force.members())


async def test_it_finds_a_forged_signature(market: None) -> None:
    """Another key under the register's own name."""
    known = (await keys())[-1].key
    stranger = SigningKey.from_seed(known.name, Kind.LOG, bytes(32))
    signed = await checkpoint()
    assert signed is not None
    note = sign_note(Checkpoint(known.name, signed.size, signed.root).text, stranger)
    await by_force("UPDATE register_checkpoint SET note = $2 WHERE size = $1", signed.size, str(note))
    assert [(one.kind, one.table, one.key) for one in await audit_market()] == [
        ("altered", "register_checkpoint", str(signed.size))
    ]


async def test_a_log_that_went_back_leaves_rows_without_acts(market: None) -> None:
    newest = await checkpoint()
    assert newest is not None
    await roll_back(40)
    found = await audit_market()
    assert {"extra"} <= {one.kind for one in found}
    assert ("missing", "register_checkpoint") not in kinds(found)
    found = await audit_market(seen=[newest.text])
    assert ("missing", "register_checkpoint") in kinds(found)


async def test_history_rewritten_with_the_real_key_is_found_by_a_checkpoint_from_elsewhere(market: None) -> None:
    """Entry, row and every hash and signature agree: nothing in the database can tell any more."""
    old = await checkpoint()
    assert old is not None
    await by_force("UPDATE credit_event SET points = 99900 WHERE ctid = (SELECT min(ctid) FROM credit_event)")
    await by_force(
        "UPDATE register_entry e SET data = jsonb_set(e.data, '{points}', '\"+999\"') FROM credit_event c JOIN organisation o ON"
        " o.id = c.organisation_id WHERE c.points = 99900 AND e.kind = 'credit.event' AND e.data ->> 'evidence' = c.evidence_id::text"
        " AND e.data ->> 'event' = c.kind AND e.subject = o.code"
    )
    for one in await all_standings(await fetch_value("SELECT max(computed_at) FROM credit_account")):
        await by_force("UPDATE credit_account SET points = $2 WHERE organisation_id = $1", one.id, one.position.points)
    await rewrite_log()
    assert await audit_market() == []
    found = await audit_market(seen=[old.text])
    assert [(one.kind, one.table, one.key) for one in found] == [("altered", "register_checkpoint", str(old.size))]
    assert "history was rewritten" in found[0].detail


async def test_a_checkpoint_of_somebody_else_is_no_evidence(market: None) -> None:
    stranger = SigningKey.from_seed("elsewhere.example/register", Kind.LOG, bytes(32))
    note = str(sign_note(Checkpoint("elsewhere.example/register", 5, bytes(32)).text, stranger))
    for text in (note, "nonsense"):
        assert [one.table for one in await audit_market(seen=[text])] == ["checkpoint kept elsewhere"]


async def test_erased_facts_are_no_finding(market: None) -> None:
    await execute("DELETE FROM register_private")
    assert await audit_market() == []


async def test_the_audit_writes_nothing(market: None) -> None:
    sizes = "SELECT (SELECT count(*) FROM register_entry) + (SELECT count(*) FROM register_checkpoint)"
    before = await fetch_value(sizes)
    await audit_market()
    assert await fetch_value(sizes) == before
