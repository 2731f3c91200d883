"""Ratings and decisions of tests and of the demonstration, made by the same actions that the pages call."""

from __future__ import annotations

from market.catalogue.queries import rulebook
from market.demo.world import World
from market.web.viewer import Viewer
from projects.queries import project_by_number
from ratings.evaluations import actions, queries
from ratings.evaluations.actions import GiveRating
from ratings.evaluations.rules import DIMENSIONS

SOME_REASONS = "成果两次未按约定提交，附图缺页，电话和消息均未及时回复。"


async def rate(world: World, project_number: str, viewer: Viewer, stars: int = 5, reasons: str | None = None) -> bool:
    """The viewer's side gives the same mark in every dimension; low ones with reasons. True when both are in."""
    project = await project_by_number(project_number)
    side = queries.side_of(viewer, project) or await queries.supervising_side(viewer, project)
    assert side is not None
    book = await rulebook(project.rulebook_version)
    marks = dict.fromkeys(book.texts(DIMENSIONS[side]), stars)
    told = SOME_REASONS if reasons is None and stars <= book.integer("rating.low_stars") else reasons or ""
    return await actions.give_rating(
        project, side, GiveRating(marks, told), acting=viewer, calendar=world.calendar, now=world.now
    )


async def rate_both(world: World, project_number: str, owner: Viewer, agency: Viewer, stars: int = 5) -> None:
    """The owner gives these stars, the agency four: both are shown and the project is closed."""
    await rate(world, project_number, agency, 4)
    await rate(world, project_number, owner, stars)
