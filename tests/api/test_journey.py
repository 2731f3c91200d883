"""A job from its notice to its ratings, by two programs. Only signing is done by people."""

from __future__ import annotations

from contextlib import AsyncExitStack

from litestar import Litestar

from agencies.queries import authorised_persons, practitioners
from market.demo.contracts import sign_both
from market.demo.world import World
from market.kernel.calendar import beijing_date
from projects.queries import project_by_number
from tests.api.conftest import Cast, Program, token_of
from tests.api.test_acting import notice, published

REPORT = {"name": "report.pdf", "content": "JVBERi0xLjQKJSVFT0YK"}


async def test_a_job_from_its_notice_to_its_ratings(site: Litestar, owner: Program, world: World, cast: Cast) -> None:
    number = (await published(owner, notice(world))).json()["href"].rsplit("/", 1)[1]
    here = f"/projects/{number}"
    async with AsyncExitStack() as stack:
        programs = {
            one.id: await stack.enter_async_context(Program(site, await token_of(one.viewer))) for one in cast.agents
        }
        for agency_id, program in programs.items():
            [person, *_] = await authorised_persons(agency_id)
            assert (await program.does("signUp", {"authorised_person": str(person.id), "agreed": True}, number=number))[
                "entries"
            ]
        project = await project_by_number(number)
        await world.run_past(project.sign_up_closes_at)
        project = await project_by_number(number)
        assert project.result_notice_ends_at is not None
        assert project.winner_id is not None
        agency = programs[project.winner_id]
        owner.strangers = agency.strangers = [one for one in programs.values() if one is not agency][:1]
        await world.run_until(project.result_notice_ends_at)

        [*_, concluded] = (await owner.read(f"{here}/history")).json()["items"]
        contract = f"/contracts/{concluded['data']['contract']}"
        assert (await agency.read(contract)).json()["in_force_at"] is None
        winner = next(one.viewer for one in cast.agents if one.id == project.winner_id)
        await sign_both(world, number, cast.owner, winner)
        assert (await agency.read(contract)).json()["in_force_at"]

        [worker, *_] = await practitioners(project.winner_id)
        delivery = {"statement": "按合同约定提交全部成果。", "practitioner": str(worker.id), "files": [REPORT]}
        missing = await agency.is_refused("deliver", "invalid", {**delivery, "files": []}, number=number)
        assert [one["field"] for one in missing["errors"]] == ["files"]
        assert (await agency.does("deliver", delivery, number=number))["entries"]
        await owner.is_refused("answerDelivery", "invalid", {"decision": "return"}, number=number)
        assert (await owner.does("answerDelivery", {"decision": "accept"}, number=number))["entries"]
        await world.settle()

        [owed] = [one for one in (await owner.read("/payments")).json()["items"] if one["project"] == number]
        payment, yuan = {"reference": owed["reference"]}, f"{owed['amount'] / 100:.2f}"
        paid_on = beijing_date(world.now).isoformat()
        stated = {"amount": yuan, "paid_on": paid_on, "bank_reference": "ICBC20260616001"}
        assert not (await owner.does("stateTransfer", stated, **payment)).get(
            "entries"
        )  # a fact only once the agency confirms it
        assert (await agency.does("answerTransfer", {"answer": "confirmed"}, **payment))["entries"]
        assert (await agency.read(f"/payments/{owed['reference']}")).json()["transfer_confirmed"]

        await owner.is_refused("rate", "invalid", {"marks": {"quality": 6}}, number=number)
        marks = dict.fromkeys(("quality", "timeliness", "attitude", "charge", "conduct"), 5)
        assert (await owner.does("rate", {"marks": marks}, number=number))["entries"]
        marks = dict.fromkeys(("payment", "clarity", "cooperation"), 5)
        assert (await agency.does("rate", {"marks": marks}, number=number))["entries"]
    assert (await owner.read(here)).json()["stage"] == "closed"
