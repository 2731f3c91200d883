"""The way in: application, review rounds, notice, admission, lapse, refusal, exit."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest

from agencies import actions
from agencies.queries import authorised_persons, facts_of
from agencies.queries.application import AgencyView, find_agency
from agencies.rules import Decision, Facts, Stage, stage_of
from market.accounts.queries import inbox
from market.demo import agencies as cast
from market.kernel.db import fetch_value
from market.kernel.errors import Refusal
from market.register.queries import history_of


async def view(agent: cast.Agent) -> AgencyView:
    agency = await find_agency(agent.id)
    assert agency is not None
    return agency


def facts(agency: AgencyView) -> Facts:
    return Facts(**{name: getattr(agency, name) for name in Facts.__dataclass_fields__})


async def test_an_agency_enters_when_its_notice_ends(world) -> None:
    agent = await cast.submit_agency(world, cast.some_agency(1))
    await cast.review(world, agent)
    ends_at = (await view(agent)).notice_ends_at
    assert ends_at is not None
    await world.run_until(ends_at - (ends_at - world.now) / 100)
    assert await facts_of(None) == []
    await world.run_until(ends_at)
    [found] = await facts_of(None)
    assert (found.id, found.stage, len(found.qualifications), len(found.practitioners)) == (agent.id, "admitted", 1, 2)
    assert [person.name for person in await authorised_persons(agent.id)] == ["孙晓梅"]
    [entry] = await history_of(agent.code)
    assert entry.kind == "agency.admitted"
    assert entry.data["commitment"]["version"] == "2025-1"
    assert "郑海峰" not in str(entry.data)
    assert len(await inbox(agent.id)) == 2


async def test_review_rounds(world) -> None:
    agent = await cast.submit_agency(world, cast.some_agency(1))
    dossier = await cast.dossier(agent)
    wrong = f"qualification:{dossier.qualifications[0].id}"
    await cast.review(world, agent, Decision.RETURN, returned={wrong: "编号不符"})
    returned = await cast.dossier(agent)
    assert returned.agency.stage is Stage.RETURNED
    assert returned.qualifications[0].review_reason == "编号不符"
    assert {row.review for row in returned.practitioners} == {"accepted"}
    with pytest.raises(Refusal, match=r"entry\.incomplete"):
        await cast.submit_again(world, agent)
    await actions.save_qualification(
        agent.id, dossier.qualifications[0].id, cast.surveying_certificate("乙测资字37599999"), None, acting=agent.viewer,
        store=world.running.files, terms=cast.terms_of(world), now=world.now,
    )  # fmt: skip
    corrected = (await cast.dossier(agent)).qualifications[0]
    assert (corrected.review, corrected.file_id) == ("pending", dossier.qualifications[0].file_id)
    await cast.submit_again(world, agent)
    with pytest.raises(Refusal, match=r"entry\.corrections_used"):
        await cast.review(world, agent, Decision.RETURN, returned={"licence": "不清晰"})
    assert (await view(agent)).stage is Stage.SUBMITTED
    await cast.review(world, agent, Decision.REFUSE, returned={"licence": "不清晰"}, reason="营业执照无法辨认")
    assert (await view(agent)).stage is Stage.REFUSED
    assert [entry.kind for entry in await history_of(agent.code)] == ["agency.refused"]
    assert {row.review for row in (await cast.dossier(agent)).practitioners} == {"pending"}
    await actions.apply_again(agent.id, now=world.now)
    assert (await view(agent)).corrections_used == 0
    await cast.submit_again(world, agent)


async def test_a_returned_application_lapses(world) -> None:
    agent = await cast.submit_agency(world, cast.some_agency(1))
    await cast.review(world, agent, Decision.RETURN, returned={"licence": "不清晰"})
    due_at = (await view(agent)).due_at
    assert due_at is not None
    await world.run_until(due_at)
    assert (await view(agent)).stage is Stage.REFUSED
    [entry] = await history_of(agent.code)
    assert (entry.kind, entry.by) == ("agency.refused", "market")


async def test_an_upheld_objection_stops_the_entry(world) -> None:
    agent = await cast.submit_agency(world, cast.some_agency(1))
    await cast.review(world, agent)
    operator = await cast.operator_of(world)
    version = (await view(agent)).version
    await actions.stop_entry(agent.id, "异议成立：证书系借用", version=version, acting=operator, now=world.now)
    assert (await view(agent)).stage is Stage.REFUSED
    await world.settle()
    assert await facts_of(None) == []


async def test_a_submitted_application_can_be_taken_back_but_not_edited(world) -> None:
    agent = await cast.submit_agency(world, cast.some_agency(1))
    with pytest.raises(Refusal, match=r"agency\.not_editable"):
        await actions.save_services(agent.id, ["C002"], acting=agent.viewer, terms=cast.terms_of(world), now=world.now)
    await actions.withdraw_application(agent.id)
    assert (await view(agent)).stage is Stage.DRAFT
    with pytest.raises(Refusal, match=r"agency\.wrong_stage"):
        await actions.withdraw_application(agent.id)


async def test_what_is_missing_keeps_the_application_from_being_submitted(world) -> None:
    empty = await cast.sign_up_agency(world, cast.some_agency(1))
    with pytest.raises(Refusal, match=r"entry\.incomplete") as refused:
        await cast.submit_again(world, empty)
    assert refused.value.facts["count"] == 5
    unqualified = await cast.sign_up_agency(world, cast.some_agency(2))
    await cast.fill_in(world, unqualified, cast.some_agency(2, qualifications=()))
    with pytest.raises(Refusal, match=r"entry\.incomplete") as refused:
        await cast.submit_again(world, unqualified)
    assert refused.value.facts["gap"].facts["item"].zh == "工程测量"
    expired = cast.some_agency(3, qualifications=(cast.surveying_certificate(until=date(2026, 6, 15)),))
    late = await cast.sign_up_agency(world, expired)
    await cast.fill_in(world, late, expired)
    with pytest.raises(Refusal, match=r"entry\.incomplete"):
        await cast.submit_again(world, late)


async def test_services_need_their_qualification_also_when_the_operator_returns_it(world) -> None:
    agent = await cast.submit_agency(world, cast.some_agency(1))
    row = (await cast.dossier(agent)).qualifications[0]
    with pytest.raises(Refusal, match=r"entry\.services_uncovered"):
        await cast.review(world, agent, returned={f"qualification:{row.id}": "证书无法核实"})
    assert (await view(agent)).stage is Stage.SUBMITTED


async def test_the_page_that_was_checked_is_the_one_that_is_submitted(world) -> None:
    agent = await cast.sign_up_agency(world, cast.some_agency(1))
    await cast.fill_in(world, agent, cast.some_agency(1))
    seen = (await view(agent)).version
    await actions.save_services(
        agent.id, ["C001", "C002"], acting=agent.viewer, terms=cast.terms_of(world), now=world.now
    )
    with pytest.raises(Refusal, match=r"agency\.changed_meanwhile"):
        await actions.submit(
            agent.id, version=seen, catalogue=world.catalogue, terms=cast.terms_of(world), now=world.now
        )


async def test_an_agency_leaves_and_enters_again(world) -> None:
    agent = await cast.admit_agency(world, cast.some_agency(1))
    await actions.leave(agent.id, "业务调整", version=(await view(agent)).version, acting=agent.viewer, now=world.now)
    dossier = await cast.dossier(agent)
    assert (dossier.agency.stage, dossier.practitioners, dossier.authorised) == (Stage.EXITED, (), ())
    assert [entry.kind for entry in await history_of(agent.code)] == ["agency.admitted", "agency.exited"]
    await actions.apply_again(agent.id, now=world.now)
    again = await cast.dossier(agent)
    assert again.agency.stage is Stage.DRAFT
    assert {row.review for row in again.qualifications} == {"pending"}


async def test_a_branch_belongs_to_its_head_office(world) -> None:
    head, branch = await cast.admit_agencies(
        world, [cast.some_agency(1), cast.some_agency(2, branch_of=cast.credit_code(100_001))]
    )
    by_code = {found.code: found for found in await facts_of(None)}
    assert by_code[branch.code].branch_of == head.code
    firm = replace(cast.firm_of(cast.some_agency(1)), branch_of=branch.code)
    with pytest.raises(Refusal, match=r"agency\.branch_letter"):
        await actions.save_firm(
            head.id,
            firm,
            None,
            acting=head.viewer,
            store=world.running.files,
            terms=cast.terms_of(world),
            now=world.now,
        )


async def test_stored_stages_follow_from_the_facts_over_random_histories(world) -> None:
    chance = random.Random(20260616)
    agents = [await cast.submit_agency(world, cast.some_agency(number)) for number in range(3)]
    operator = await cast.operator_of(world)

    async def act(agent: cast.Agent) -> None:
        agency = await view(agent)
        decision = chance.choice(list(Decision))
        wrong = {"licence": "不清晰"} if decision is not Decision.ACCEPT else {}
        steps = [
            lambda: cast.review(world, agent, decision, returned=wrong, reason="材料不实"),
            lambda: cast.submit_again(world, agent),
            lambda: actions.withdraw_application(agent.id),
            lambda: actions.apply_again(agent.id, now=world.now),
            lambda: actions.stop_entry(agent.id, "异议成立", version=agency.version, acting=operator, now=world.now),
            lambda: actions.leave(agent.id, "业务调整", version=agency.version, acting=agent.viewer, now=world.now),
        ]
        await chance.choice(steps)()

    refused = 0
    for turn in range(60):
        agent = chance.choice(agents)
        try:
            await act(agent)
        except Refusal:
            refused += 1
        if turn % 10 == 9:
            due = [
                agency.due_at
                for agency in [await view(one) for one in agents]
                if agency.due_at and agency.due_at > world.now
            ]
            await world.run_until(min(due, default=world.now))
        for agency in [await view(one) for one in agents]:
            assert agency.stage is stage_of(facts(agency))
    assert 0 < refused < 60
    assert await fetch_value("SELECT count(*) FROM agency_review") > 0
