"""What the ring does with help from inside: draws closed at a minute that suits it, by somebody who can look ahead in the
beacon; a panel with an expert of its own; and a price that grows once the contract is signed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from market.beacon.local import LocalBeacon
from market.beacon.rules import commit_round
from market.demo import schemes
from market.demo.agencies import Agent, credit_code
from market.demo.bids import submit_bid
from market.demo.contracts import current_contract
from market.demo.experts import fill_in, seats, sign
from market.demo.projects import closing_time, open_owner, publish_project
from market.demo.selection import sign_up
from market.demo.story import City
from market.demo.world import World
from market.kernel.calendar import BEIJING
from market.kernel.clock import FixedClock
from market.kernel.db import fetch_value
from market.kernel.money import Money
from market.web.display import local_input
from market.web.viewer import Viewer
from projects.contracts.changes import actions as changes
from projects.contracts.changes.actions import NewChange, NewMilestone
from projects.contracts.changes.queries import content_in_force
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage, project_number
from projects.selection.dossiers.selection_format import purpose_of
from projects.selection.draw import DrawInput, draw, entrants_of

_FEWEST_PANELS: Final = """
SELECT m.place FROM panel_member m JOIN panel_member x ON x.expert_id = m.expert_id WHERE m.id = ANY ($1)
GROUP BY m.id ORDER BY count(*), m.place LIMIT 1
"""
MINUTE: Final = timedelta(minutes=1)
MOST_TRIES: Final = 60
SCORED_WINDOW: Final = 7
ADDED_PERCENT: Final = 9  # of the price: a tenth is what supplements may add
RAISE: Final = "现场新增测量范围，经双方协商增加服务费用。"
PLAIN, BEYOND = 80, 16  # what the others of the panel mark, and how far beyond it the ring's expert goes


class Rigging:
    """`ring`: its firms, of which the first is to win."""

    def __init__(self, city: City, ring: list[Agent]) -> None:
        self.city, self.world, self.script, self.ring = city, city.world, city.script, ring

    async def enter(self) -> None:
        self.owner = await open_owner(
            self.world, name=schemes.RIGGED_OWNER, code=credit_code(903, kind="12"), login="owner-rigged"
        )
        self.scored = await open_owner(
            self.world, name=schemes.SCORED_OWNER, code=credit_code(904, kind="12"), login="owner-scored"
        )

    async def draw(self, title: str) -> ProjectView:
        """All four take part; the close is put at the first minute whose round draws the friend."""
        closes_at = await self._suitable_close()
        project = await publish_project(self.world, self.owner, title=title, sign_up_closes_at=local_input(closes_at))
        for agent in self.ring:
            await sign_up(self.world, agent, project)
        return project

    async def _suitable_close(self) -> datetime:
        beacon, now = self.world.beacon, self.world.now
        assert isinstance(beacon, LocalBeacon)
        number = project_number(
            now.astimezone(BEIJING).year, 1 + await fetch_value("SELECT last_value FROM project_number")
        )
        entrants, first = entrants_of(agent.code for agent in self.ring), closing_time(self.world, 4)
        for place in range(MOST_TRIES):
            closes_at = first - place * MINUTE
            round_no = commit_round(beacon.chain, closes_at)
            ahead = await beacon.at(FixedClock(closes_at + timedelta(days=1))).round(round_no)
            assert ahead is not None
            given = DrawInput(beacon.chain.hash, entrants, number, purpose_of(1), round_no)
            if draw(given, ahead.randomness).winners == [self.ring[0].code]:
                return closes_at
        raise LookupError(f"no minute before {first} suits the ring")

    async def contest(self) -> ProjectView:
        """Decided by experts, one of whom belongs to the ring."""
        project = await publish_project(
            self.world, self.scored, method="merit", title=schemes.SCORED, price="", budget="153000", ceiling="152000",
            floor="76000", working_days=SCORED_WINDOW, **schemes.SCORED_CRITERIA,
        )  # fmt: skip
        for agent, yuan in zip((self.ring[0], self.ring[1], self.ring[3]), schemes.SCORED_BIDS, strict=True):
            await submit_bid(self.world, agent, project, Money.parse(yuan).fen)
        return project

    async def score(self, number: str) -> None:
        """The expert who sat on the fewest panels lifts the friend and sinks its first rival; the others see three equals."""
        project = await project_by_number(number)
        if project.stage is not Stage.EVALUATION:
            return
        members = await seats(project)
        odd = (await fetch_value(_FEWEST_PANELS, [member.id for member in members])) if members else 0

        lifted = {self.ring[0].code: BEYOND, self.ring[1].code: -BEYOND}

        def marks(place: int, agency: str, criterion: int) -> tuple[int, str]:
            return (PLAIN + lifted.get(agency, 0), "按评分标准综合判断。") if place == odd else (PLAIN, "")

        for member in members:
            await fill_in(self.world, member, project, marks)
            await sign(self.world, member)


async def raise_price(world: World, number: str, owner: Viewer, agency: Viewer) -> None:
    """A supplement a day after the contract: most of what supplements may add, and nothing else changes but a sentence."""
    contract = await current_contract(number)
    stands = content_in_force(contract, ())
    dearer = tuple(
        NewMilestone(one.title, one.price_fen * (100 + ADDED_PERCENT) // 100, one.days) for one in stands.milestones
    )
    new = NewChange(
        dearer, f"{stands.content}（含新增测量范围）", stands.scale, stands.other_requirements, stands.special, RAISE
    )
    change = await changes.propose(contract.number, new, viewer=agency, calendar=world.calendar, now=world.now)
    for viewer in (owner, agency):
        await changes.sign(
            contract.number, change.no, terms_sha256=change.terms_sha256, viewer=viewer, calendar=world.calendar,
            now=world.now,
        )  # fmt: skip
