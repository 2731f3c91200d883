"""Every page of complaints, for everybody who might ask for it."""

from __future__ import annotations

from market.demo.complaints import accept, complain
from projects.complaints.queries import evidence_of
from tests.access.complaints import EXPECTATIONS, SITUATIONS
from tests.complaints.dispute import Dispute
from tests.contracts.award import SignIn
from tests.contracts.test_access import cast
from tests.visitor import Visitor


async def _answers(
    situation: str, places: dict[str, str], visitors: dict[str, Visitor]
) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Where the answer differs from the expectation: (method, path, who) -> (expected, given)."""
    wrong = {}
    for (method, path), expected in EXPECTATIONS.items():
        if SITUATIONS[method, path] != situation:
            continue
        address = path
        for name, value in places.items():
            address = address.replace(f"{{{name}:uuid}}", value)
        for who, visitor in visitors.items():
            answer = await (visitor.get(address) if method == "GET" else visitor.send_form(address))
            if answer.status_code != expected[who]:
                wrong[method, path, who] = (expected[who], answer.status_code)
    return wrong


async def test_everybody_gets_the_answer_that_is_written_down(
    dispute: Dispute, sign_in: SignIn, client: Visitor
) -> None:
    people = await cast(dispute.award)
    people |= {"other_agency": dispute.objector, "regulator": dispute.regulator}
    visitors = {name: await sign_in(viewer) for name, viewer in people.items()} | {"anonymous": client}
    await dispute.reject()
    assert await _answers("answered", {"objection_id": str(dispute.objection)}, visitors) == {}
    complaint = await complain(dispute.world, dispute.objection, dispute.objector, "注册信息")
    await accept(dispute.world, complaint, dispute.regulator)
    (file,) = await evidence_of(complaint.id)
    places = {"complaint_id": str(complaint.id), "file_id": str(file.id)}
    assert await _answers("accepted", places, visitors) == {}
