"""After entry: what changes is reviewed, what stands goes on standing; certificates run out by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from agencies import actions
from agencies.queries import facts_of, practitioners
from agencies.queries.application import Dossier, find_agency, pending_items
from agencies.rules import PractitionerDetails, Standing, Verdict
from market.accounts.queries import inbox
from market.demo import agencies as cast
from market.kernel.db import transaction
from market.kernel.errors import FormInvalid, Refusal
from market.register.queries import history_of


def where(world, agent: cast.Agent) -> dict[str, Any]:
    return {"acting": agent.viewer, "store": world.running.files, "terms": cast.terms_of(world), "now": world.now}


async def decide(world, dossier: Dossier, **returned: str) -> None:
    """Every waiting change is accepted, but those whose kind is named."""
    verdicts = []
    for item in pending_items(dossier):
        reason = returned.get(item.partition(":")[0], "")
        verdicts.append(Verdict(item, not reason, reason))
    await actions.review_changes(
        dossier.agency.id, verdicts, version=dossier.agency.version, acting=await cast.operator_of(world),
        terms=cast.terms_of(world), now=world.now,
    )  # fmt: skip


async def test_a_renewed_certificate_replaces_the_old_one_only_when_it_is_accepted(world) -> None:
    agent = await cast.admit_agency(world, cast.some_agency(1))
    old = (await cast.dossier(agent)).qualifications[0]
    renewed = cast.surveying_certificate("乙测资字37600001", until=date(2034, 12, 31))
    await actions.save_qualification(agent.id, old.id, renewed, cast.paper("续期"), **where(world, agent))
    waiting = await cast.dossier(agent)
    assert waiting.agency.changes_due_at is not None
    assert [row.review for row in waiting.qualifications] == ["accepted", "pending"]
    [facts] = await facts_of([agent.id])
    assert [held.certificate_number for held in facts.qualifications] == [old.certificate_number]
    await decide(world, waiting, qualification="扫描件缺页")
    returned = await cast.dossier(agent)
    assert returned.agency.changes_since is None
    assert returned.qualifications[1].review_reason == "扫描件缺页"
    await actions.save_qualification(
        agent.id, returned.qualifications[1].id, renewed, cast.paper("补全"), **where(world, agent)
    )
    await decide(world, await cast.dossier(agent))
    [facts] = await facts_of([agent.id])
    assert [held.certificate_number for held in facts.qualifications] == ["乙测资字37600001"]
    changed = [entry for entry in await history_of(agent.code) if entry.kind == "agency.changed"]
    assert changed[0].data["changes"][0]["act"] == "replaced"


async def test_firm_services_and_licence_change_when_accepted(world) -> None:
    agent = await cast.admit_agency(world, cast.some_agency(1))
    before = await cast.dossier(agent)
    firm = replace(before.agency.firm, name="青岛新名测绘有限公司", address="青岛市市北区辽宁路228号")
    await actions.save_firm(agent.id, firm, None, **where(world, agent))
    await actions.save_services(
        agent.id, ["C001", "C004"], acting=agent.viewer, terms=cast.terms_of(world), now=world.now
    )
    await actions.save_licence(agent.id, cast.paper("新执照"), **where(world, agent))
    with pytest.raises(Refusal, match=r"agency\.nothing_changed"):
        await actions.save_firm(agent.id, before.agency.firm, None, **where(world, agent))
    waiting = await cast.dossier(agent)
    assert (waiting.agency.firm, waiting.agency.service_items) == (before.agency.firm, ("C001",))
    await decide(world, waiting)
    after = await cast.dossier(agent)
    assert (after.agency.firm, after.agency.service_items, after.changes) == (firm, ("C001", "C004"), ())
    assert after.agency.licence_file_id != before.agency.licence_file_id
    [entry] = [entry for entry in await history_of(agent.code) if entry.kind == "agency.changed"]
    assert {change["item"] for change in entry.data["changes"]} == {"firm", "services", "licence"}


async def test_a_proposal_can_be_withdrawn(world) -> None:
    agent = await cast.admit_agency(world, cast.some_agency(1))
    await actions.save_services(
        agent.id, ["C001", "C004"], acting=agent.viewer, terms=cast.terms_of(world), now=world.now
    )
    change = (await cast.dossier(agent)).changes[0]
    await actions.withdraw_change(agent.id, change.id, terms=cast.terms_of(world), now=world.now)
    after = await cast.dossier(agent)
    assert (after.changes, after.agency.changes_since) == ((), None)


async def test_what_is_taken_out_ends_at_once_but_not_the_last_who_may_act(world) -> None:
    agent = await cast.admit_agency(world, cast.some_agency(1))
    dossier = await cast.dossier(agent)
    about = {"acting": agent.viewer, "terms": cast.terms_of(world), "now": world.now}
    await actions.remove_row(actions.PRACTITIONER, agent.id, dossier.practitioners[0].id, **about)
    assert [person.name for person in await practitioners(agent.id)] == ["刘玉兰"]
    with pytest.raises(Refusal, match=r"agency\.last_authorised"):
        await actions.remove_row(actions.AUTHORISED, agent.id, dossier.authorised[0].id, **about)
    [entry] = [entry for entry in await history_of(agent.code) if entry.kind == "agency.changed"]
    assert entry.data == {"changes": [{"act": "ended", "item": "practitioner"}]}


async def test_a_person_works_for_one_agency(world) -> None:
    person = cast.Person("郑海峰", id_number=cast.id_number(7))
    first, second = await cast.admit_agencies(
        world, [cast.some_agency(1, practitioners=(person,)), cast.some_agency(2, practitioners=())]
    )
    with pytest.raises(FormInvalid) as invalid:
        await cast.add_practitioner(world, second, person)
    assert "id_number" in invalid.value.errors
    with pytest.raises(FormInvalid):
        await cast.add_practitioner(world, first, person)
    row = (await cast.dossier(first)).practitioners[0]
    assert row.id_number_masked == f"370{'*' * 11}{person.id_number[-4:]}"
    await actions.remove_row(
        actions.PRACTITIONER, first.id, row.id, acting=first.viewer, terms=cast.terms_of(world), now=world.now
    )
    await cast.add_practitioner(world, second, person)
    await decide(world, await cast.dossier(second))
    assert len(await practitioners(second.id)) == 1


async def test_a_practitioner_is_renewed_without_leaving(world) -> None:
    agent = await cast.admit_agency(world, cast.some_agency(1))
    row = (await cast.dossier(agent)).practitioners[0]
    details = PractitionerDetails(row.name, "", row.profession, "新注册号", date(2035, 1, 1))
    await actions.save_practitioner(
        agent.id, row.id, details, None, key=world.settings.secret_key, **where(world, agent)
    )
    assert len(await practitioners(agent.id)) == 2
    await decide(world, await cast.dossier(agent))
    assert {person.certificate_number for person in await practitioners(agent.id)} >= {"新注册号"}
    assert len(await practitioners(agent.id)) == 2


async def test_holders_are_warned_60_30_and_7_days_before_and_once_after(world) -> None:
    until = date(2026, 9, 30)
    new = cast.some_agency(1, qualifications=(cast.surveying_certificate("乙测资字1", until=until),))
    agent = await cast.admit_agency(world, new)
    seen = []
    while world.now.date() <= until + timedelta(days=3):
        await world.run_until(world.now + timedelta(days=1))
        seen = [message for message in await inbox(agent.id) if "ertificate" in message["text"]]
    assert len(seen) == 4
    assert [message["text"].split()[2] for message in reversed(seen)] == ["expires", "expires", "expires", "expired"]
    [facts] = await facts_of([agent.id])
    assert not facts.qualifications[0].counts_on(world.now.date())


async def test_standing_is_written_with_its_act_only(world) -> None:
    agent = await cast.admit_agency(world, cast.some_agency(1))
    standing = Standing(world.now + timedelta(days=30), "两次迟延", None, "", 82)
    with pytest.raises(RuntimeError):
        await actions.set_standing(agent.id, standing, now=world.now)
    async with transaction():
        await actions.set_standing(agent.id, standing, now=world.now)
    [facts] = await facts_of([agent.id])
    assert facts.standing == standing
    agency = await find_agency(agent.id)
    assert agency is not None
