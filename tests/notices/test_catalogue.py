"""Every message that code can send has its event, and every deadline its reminder."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import timedelta

from market.kernel.clock import FixedClock
from market.kernel.db import execute, fetch
from market.kernel.errors import Message
from market.notices.events import event_of
from market.notices.reminders import REMINDED_ELSEWHERE, duties_of, remind
from market.web import agendas, panels
from market.web.agendas import Event, agenda
from market.web.panels import Waiting, waiting
from market.web.viewer import Viewer
from projects.complaints.telling import ACTS as COMPLAINTS
from projects.disputes.telling import ACTS as DISPUTES
from projects.selection.telling import ACTS as SELECTIONS
from tests.architecture.sources import ROOT
from tests.notices.scene import Reader

TELLING = {"tell", "tell_all"}
# The cause is put together elsewhere: by register acts, or by the callers of a function of that module.
PUT_TOGETHER = {
    "market/accounts/actions.py": (),
    "projects/telling.py": (*SELECTIONS, "pool.sealed", *COMPLAINTS, *DISPUTES),
    "projects/fulfilment/nudges.py": ("delivery.due", "delivery.overdue", "clock.due"),
    "projects/fulfilment/clock/actions.py": ("clock.asked", "clock.answered", "clock.resumed"),
    "projects/contracts/actions/rows.py": (
        "contract.in_force",
        "contract.annulled",
        "contract.refused",
        "contract.lapsed",
    ),
    "projects/posting/actions/amendment.py": ("amended-1", "withdrawn"),
    "ratings/evaluations/actions.py": ("rating-open", "rating-shown"),
    "ratings/evaluations/striking.py": ("rating-struck", "rating-restored"),
    "market/notices/reminders.py": ("reminder",),
}


def causes() -> Iterator[tuple[str, str | None]]:
    """(module, first word of a cause as far as it stands in the code, or None) for every call that tells somebody."""
    for folder in ("market", "agencies", "projects", "ratings"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            if "cause=" not in text:
                continue
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TELLING:
                    for cause in (one.value for one in node.keywords if one.arg == "cause"):
                        yield path.relative_to(ROOT).as_posix(), _first_word(cause)


def _first_word(cause: ast.expr) -> str | None:
    if isinstance(cause, ast.Constant):
        return str(cause.value).partition(":")[0]
    if not isinstance(cause, ast.JoinedStr) or not isinstance(cause.values[0], ast.Constant):
        return None
    return str(cause.values[0].value).partition(":")[0].rstrip(".")


def test_every_cause_has_its_event() -> None:
    found = list(causes())
    assert len(found) > 50
    unknown = {(place, word) for place, word in found if word is not None and event_of(word) is None}
    assert not unknown
    elsewhere = {place for place, word in found if word is None}
    assert elsewhere <= PUT_TOGETHER.keys(), "say in PUT_TOGETHER which events these tell of"
    assert {one for words in PUT_TOGETHER.values() for one in words if event_of(one) is None} == set()


def test_what_is_reminded_of_elsewhere_has_an_event_and_an_agenda() -> None:
    """An exception whose agenda or whose sender went away would silence a deadline."""
    code = "\n".join(path.read_text(encoding="utf-8") for folder in ("market", "projects")
                     for path in (ROOT / folder).rglob("*.py") if path.name != "reminders.py")  # fmt: skip
    for text, word in REMINDED_ELSEWHERE.items():
        assert event_of(word) is not None
        assert f'N_("{text}")' in code
        assert word.partition(".")[0] in code
        assert word.partition(".")[2] in code


async def test_every_deadline_of_agenda_and_bench_is_reminded_of(someone: Reader, clock: FixedClock) -> None:
    """Three days and one day before, once each; urgent ones within the last day, by every chosen way."""
    viewer, began = someone.viewer, clock.now()
    due_at = began + timedelta(days=10)
    other = due_at + timedelta(hours=1)

    @agenda("tests")
    async def events(organisation_id: object, now: object) -> list[Event]:
        if organisation_id != viewer.organisation_id:
            return []
        text = Message("Contract to be signed: {project}", {"project": "道路测绘"})
        return [
            Event("1", text, began - timedelta(days=1), due_at, "/contracts/1", "1", own=True),
            Event("2", text, began - timedelta(days=1), due_at, "/contracts/2", "2", own=False),
        ]

    @waiting("tests")
    async def bench(asking: Viewer, now: object) -> list[Waiting]:
        text = Message("Rate your partner in {project}", {"project": "道路测绘"})
        mine = asking.organisation_id == viewer.organisation_id
        return [
            Waiting(text, "/a", began - timedelta(days=1), due_at, "1"),  # the same as in the agenda
            Waiting(text, "/b", began - timedelta(days=1), other, "3"),
            Waiting(text, "/c", began, None, "4"),
        ] if mine else []  # fmt: skip

    try:
        assert len(await duties_of(viewer, clock.now())) == 2
        counts = []
        for days in (6, 8, 8.5, 9.5, 9.9, 11):
            clock.set(began + timedelta(days=days))
            await execute("DELETE FROM message_round")
            await remind(someone.world.settings.site_region, clock.now())
            counts.append(len(await fetch("SELECT 1 FROM inbox_message WHERE event = 'reminder'")))
    finally:
        agendas._FINDERS.pop("tests")
        panels._WAITING.pop("tests")
    assert counts == [0, 2, 2, 4, 4, 4]
    assert await remind(someone.world.settings.site_region, clock.now()) == 0  # looked at a moment ago
    told = await fetch("SELECT link, due_at FROM inbox_message WHERE event = 'reminder' ORDER BY link, at")
    assert [(row["link"], row["due_at"]) for row in told] == [("/b", other)] * 2 + [("/contracts/1", due_at)] * 2
