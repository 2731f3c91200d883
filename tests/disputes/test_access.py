"""Every page of disputes, for everybody who might ask for it."""

from __future__ import annotations

from market.demo import payment_disputes as acts
from projects.disputes.queries import evidence_of
from tests.access.disputes import EXPECTATIONS, SITUATIONS
from tests.contracts.award import SignIn
from tests.contracts.test_access import cast
from tests.disputes.case import Case
from tests.visitor import Visitor


async def _answers(
    situation: str, places: dict[str, str], visitors: dict[str, Visitor]
) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Where the answer differs from the expectation: (method, path, who) -> (expected, given)."""
    wrong = {}
    for (method, path), expected in SITUATIONS[situation].items():
        address = path
        for name, value in places.items():
            address = address.replace(name, value)
        for who, visitor in visitors.items():
            answer = await (visitor.get(address) if method == "GET" else visitor.send_form(address))
            if answer.status_code != expected[who]:
                wrong[method, path, who] = (expected[who], answer.status_code)
    return wrong


async def test_everybody_gets_the_answer_that_is_written_down(case: Case, sign_in: SignIn, client: Visitor) -> None:
    people = await cast(case.award) | {"regulator": case.regulator}
    visitors = {name: await sign_in(viewer) for name, viewer in people.items()} | {"anonymous": client}
    places = {"{number:str}": (await case.contract()).number, "{no:int}": "1"}
    assert await _answers("free", places, visitors) == {}
    dispute = await case.open(None, None, "检验记录")
    await acts.answer(case.world, dispute, case.agency)
    (piece,) = await evidence_of(dispute.id)
    places = {"{number:str}": dispute.number, "{file_id:uuid}": str(piece.file.id)}
    assert await _answers("mediation", places, visitors) == {}
    await acts.give_up(case.world, dispute, case.operator)
    await acts.prepare(case.world, dispute, case.regulator)
    for side in (case.owner, case.agency):
        await acts.say_last_word(case.world, dispute, side)
    await acts.propose(case.world, dispute, case.agency, 0)
    assert await _answers("hearing", places, visitors) == {}
    assert len(EXPECTATIONS) == sum(len(one) for one in SITUATIONS.values())
