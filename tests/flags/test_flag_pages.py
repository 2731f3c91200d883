"""Every page of red flags over HTTP: who may see it, what it says, and that forms come back with all their errors."""

from __future__ import annotations

import csv
import io

from ratings.flags import actions
from ratings.flags.screens import SCREENS
from tests.access.flags import EXPECTATIONS
from tests.contracts.award import Award, SignIn
from tests.contracts.test_access import cast
from tests.flags.conftest import Ring
from tests.second_factor import confirm_sessions, give_second_factor
from tests.visitor import Visitor


async def test_everybody_gets_the_answer_that_is_written_down(ring: Ring, sign_in: SignIn, client: Visitor) -> None:
    losers = [agent for agent in ring.agents if agent != ring.winner]
    people = await cast(Award(ring.world, ring.owner, [ring.winner, *losers], ring.project.number, ring.winner.viewer))
    people["regulator"] = ring.regulator
    flag = await ring.flag("price_steps")
    await actions.take_up(flag.id, viewer=ring.regulator, now=ring.world.now)
    question = await actions.ask(
        flag.id, ring.winner.id, "请说明贵机构报价的测算依据。", viewer=ring.regulator, calendar=ring.world.calendar,
        now=ring.world.now,
    )  # fmt: skip
    visitors = {name: await sign_in(viewer) for name, viewer in people.items()} | {"anonymous": client}
    wrong = []
    for (method, path), expected in EXPECTATIONS.items():
        address = (
            path.replace("{flag_id:uuid}", str(flag.id))
            .replace("{question_id:uuid}", str(question))
            .replace("{code:str}", "pairs")
        )
        for who, visitor in visitors.items():
            answer = await (visitor.get(address) if method == "GET" else visitor.send_form(address))
            if answer.status_code != expected[who]:
                wrong.append((method, path, who, expected[who], answer.status_code))
    assert wrong == []


async def test_a_review_through_the_forms(ring: Ring, sign_in: SignIn) -> None:
    flag, firm = await ring.flag("price_steps"), ring.agents[0]
    desk, agency = await sign_in(ring.regulator), await sign_in(firm.viewer)
    page = await desk.get("/regulator/desk/flags?state=open&screen=price_steps")
    assert flag.number in page.text
    assert flag.number not in (await desk.get("/regulator/desk/flags?state=founded")).text
    assert (await desk.send_form(f"{flag.url}/taking")).status_code == 303
    bad = await desk.send_form(f"{flag.url}/questions", {"party": "nobody", "question": "短"})
    assert (bad.status_code, bad.text.count("field__errors")) == (422, 2)
    question = {"party": str(firm.id), "question": "请说明贵机构报价的测算依据。"}
    assert (await desk.send_form(f"{flag.url}/questions", question)).status_code == 303
    bench = await agency.get("/workbench")
    link = next(part.split('"')[0] for part in bench.text.split('href="')[1:] if part.startswith("/flags/questions/"))
    asked = await agency.get(link)
    assert "请说明贵机构报价的测算依据。" in asked.text
    assert flag.number not in asked.text
    assert (await agency.send_form(link, {"answer": "按工日和设备台班测算，附测算表。"})).status_code == 303
    shown = await desk.get(flag.url)
    assert '<span class="muted small">份</span>' in shown.text, "valid bids are counted in something"
    assert "按工日和设备台班测算，附测算表。" in shown.text
    missing = {"outcome": "founded", "reason": "报价呈规律性差异且无法合理解释。", "decision": "999999"}
    assert (await desk.send_form(f"{flag.url}/outcome", missing)).status_code == 422
    await give_second_factor(ring.regulator, world=ring.world)
    assert (await desk.get(flag.url)).status_code == 200, "reading wants no code"
    assert (await desk.get(f"{flag.url}/outcome")).headers["location"] == f"/sign-in/code?back={flag.url}/outcome"
    assert (await desk.send_form(f"{flag.url}/outcome", {**missing, "decision": ""})).status_code == 401
    await confirm_sessions(ring.regulator)
    assert "按工日和设备台班测算" in (await desk.get(f"{flag.url}/outcome")).text
    assert (await desk.send_form(f"{flag.url}/outcome", {**missing, "decision": ""})).status_code == 303
    assert (await desk.get(f"{flag.url}/outcome")).headers["location"] == flag.url
    assert "报价呈规律性差异" in (await desk.get("/regulator/flags/screens")).text


async def test_a_page_for_each_screen_and_the_bids_side_by_side(ring: Ring, sign_in: SignIn) -> None:
    desk = await sign_in(ring.regulator)
    for code, screen in SCREENS.items():
        page = await desk.get(f"/regulator/flags/screens/{code}")
        assert page.status_code == 200
        assert all(key in page.text for key in (code, *screen.rules))
    assert (await desk.get("/regulator/flags/screens/nonsense")).status_code == 404
    steps = await desk.get((await ring.flag("price_steps")).url)
    assert steps.text.count('class="bid-scale__bid') == 4
    assert "bid-scale__bid is-winner" in steps.text
    assert "分别询问各机构的报价测算依据" in steps.text
    assert (await ring.flag("shared_identity")).url in steps.text, "what else was found about them"
    assert "触发线索" in (await desk.get("/regulator/flags/screens")).text


async def test_the_list_is_a_table_of_the_desk(ring: Ring, sign_in: SignIn) -> None:
    desk, steps = await sign_in(ring.regulator), await ring.flag("price_steps")
    moved = await desk.get("/regulator/flags?screen=price_steps&show=open&region=3702")
    assert (moved.status_code, moved.headers["location"]) == (
        301,
        "/regulator/desk/flags?screen=price_steps&state=open&region=3702",
    )
    for address in ("/regulator/flags?show=%27&screen=%0d%0aa&region=", "/regulator/flags.csv"):
        assert (await desk.get(address)).headers["location"].startswith("/regulator/desk/flags")
    page = (await desk.get(moved.headers["location"])).text
    assert steps.number in page
    assert "依次相差同一金额" in page, "what was found stands below the screen"
    assert "/regulator/flags/screens" in page
    assert steps.number not in (await desk.get("/regulator/desk/flags?region=3703")).text


async def test_the_file_says_what_was_found_and_holds_no_formula(ring: Ring, sign_in: SignIn) -> None:
    desk = await sign_in(ring.regulator)
    file = await desk.send_form("/regulator/desk/flags/files", {"format": "csv", "query": "screen=price_steps"})
    head, row = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert row[0].startswith("F-2026-")
    assert "依次相差同一金额" in row[head.index("线索")]
    found = await ring.flag("price_steps")
    assert row[head.index("依据：登记簿条目")].split() == [str(one) for one in found.evidence_numbers]
    assert not any(cell.startswith(("=", "+", "@")) for cell in row)
