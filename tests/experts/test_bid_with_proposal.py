"""A bid with its proposal, over real forms: encrypted in the browser or on arrival, readable for the experts alone, and
for nobody before the opening."""

from __future__ import annotations

import re
from typing import Any

from obstore import get as read_object

from market.beacon.timelock import seal
from market.demo import experts as cast
from market.demo.agencies import paper
from market.demo.bids import belonging_of, submit_bid
from market.kernel.db import fetch, fetch_one
from projects.experts import actions
from projects.experts.proposals import Proposal, encrypt_proposal
from projects.queries import project_by_number
from projects.rules import Stage
from projects.selection.bids.text import write
from tests.experts.conftest import Court
from tests.visitor import Visitor

SECRET = "本单位拟投入三台全站仪，二级控制网先行".encode()


async def filled(visitor: Visitor, court: Court, **changed: Any) -> dict[str, Any]:
    page = (await visitor.get(f"{court.project.url}/bid")).text
    assert 'enctype="multipart/form-data"' in page

    def value(name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', page)
        assert found, name
        return found[1]

    given = {"authorised_person": value("authorised_person"), "agreed": "on", "nonce": value("nonce"), "replaces": ""}
    return given | changed


async def test_without_javascript_the_server_encrypts_what_arrives(court: Court, sign_in) -> None:
    world, agent = court.world, court.agents[0]
    visitor = await sign_in(agent.viewer)
    content = paper("方案").content + SECRET
    bare = await visitor.send_form(f"{court.project.url}/bid", await filled(visitor, court, amount="120000"))
    assert bare.status_code == 422
    assert "请选择文件" in bare.text
    sent = await visitor.send_form(
        f"{court.project.url}/bid", await filled(visitor, court, amount="120000"),
        files={"proposal": ("技术方案.pdf", content, "application/pdf")},
    )  # fmt: skip
    assert sent.status_code == 303
    stored = await fetch(
        "SELECT id, name, media_type FROM stored_file WHERE owner_organisation_id = $1 AND name = 'proposal.bin'",
        agent.id,
    )
    assert len(stored) == 1
    kept = bytes(read_object(world.running.files, str(stored[0]["id"])).bytes())
    assert SECRET not in kept
    assert kept.startswith(b"MXP1")
    await submit_bid(world, court.agents[1], court.project, 11_000_000)
    await submit_bid(world, court.agents[2], court.project, 13_000_000)
    await world.run_past(court.project.sign_up_closes_at)
    project = await project_by_number(court.project.number)
    assert project.stage is Stage.EVALUATION
    seat = (await cast.seats(project))[0]
    await actions.accept(seat.id, seat.organisation_id, now=world.now)
    expert = await sign_in(next(one for one in court.experts if one.code == seat.code).viewer)
    answer = await expert.get(f"/expert/panels/{seat.id}/proposals/{agent.code}")
    assert answer.content == content
    assert "%E6%8A%80%E6%9C%AF%E6%96%B9%E6%A1%88.pdf" in answer.headers["content-disposition"]


async def test_what_was_encrypted_in_the_browser_is_kept_as_it_came(court: Court, sign_in) -> None:
    world, agent = court.world, court.agents[0]
    visitor = await sign_in(agent.viewer)
    file, inside = encrypt_proposal(Proposal("技术方案.pdf", SECRET))
    belonging = await belonging_of(court.project, agent)
    ciphertext = seal(world.beacon.chain, belonging.round, write(belonging, 12_000_000, inside))
    values = await filled(visitor, court, nonce=belonging.nonce, ciphertext=ciphertext)
    for wrong in (b"%PDF-1.4 readable", b"MXP1"):
        refused = await visitor.send_form(
            f"{court.project.url}/bid", values, files={"encrypted": ("proposal.bin", wrong, "application/octet-stream")}
        )
        assert refused.status_code == 422
        assert "未加密" in refused.text
    sent = await visitor.send_form(
        f"{court.project.url}/bid", values, files={"encrypted": ("proposal.bin", file, "application/octet-stream")}
    )
    assert sent.status_code == 303
    row = await fetch_one("SELECT s.sha256 FROM sealed_bid b JOIN stored_file s ON s.id = b.proposal_file_id")
    assert row == {"sha256": inside.sha256}
