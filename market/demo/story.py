"""What every part of the demonstration's story knows: its people, its calendar, and what is to become of a project."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from market.demo.agencies import Agent
from market.demo.script import Script
from market.demo.world import World
from market.kernel.calendar import BEIJING
from market.web.viewer import ANONYMOUS, Viewer

STORY_BEGINS = datetime(2025, 12, 1, 9, 0, tzinfo=BEIJING)
STORY_ENDS = datetime(2026, 6, 16, 10, 0, tzinfo=BEIJING)
PROJECTS = 90
TROUBLED = "青岛崂光测绘有限公司"  # refuses what it wins, until it may not sign up any more
MODEL = "青岛海岳测绘有限公司"  # always in time, always praised


@dataclass
class City:
    world: World
    random: Random
    script: Script
    password_hash: str
    owners: list[Viewer] = field(default_factory=list)
    agents: list[Agent] = field(default_factory=list)
    regulator: Viewer = ANONYMOUS
    forgotten: list[str] = field(default_factory=list)
    ring: str = ""


@dataclass(frozen=True)
class Plot:
    """What is to become of a project, beside the ordinary course."""

    few: bool = False
    refuses: bool = False
    lapses: bool = False
    objection: str = ""
    late: int = 0
    returned: bool = False
    silent: bool = False
    marks: int = 5
    abandons: bool = False
    social: bool = False
    lonely: bool = False
    forgets_filing: bool = False


def plot_of(number: int) -> Plot:
    """By its number, so that every ending occurs and the city is the same every time."""
    return Plot(
        few=number % 13 == 6, refuses=number % 17 == 4, lapses=number % 29 == 11,
        objection={7: "rejected", 19: "upheld", 33: "reopen"}.get(number % 40, ""), late=(number % 7 == 3) * (1 + number % 5),
        returned=number % 8 == 5, silent=number % 23 == 9, marks=2 if number % 19 == 8 else 4 + (number % 3 > 0),
        abandons=number % 31 == 15, social=number % 12 in (1, 7), lonely=number % 2 == 1, forgets_filing=number in (62, 78),
    )  # fmt: skip
