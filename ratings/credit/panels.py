"""Credit on the agency's page, and how a statement looks as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request

from market.kernel.calendar import beijing_date
from market.kernel.errors import Message, NotFound
from market.kernel.i18n import N_
from market.web.panels import Panel, panel
from market.web.viewer import Viewer
from ratings.credit import queries
from ratings.credit.actions import PAUSE_REASONS
from ratings.credit.queries import Account
from ratings.credit.rules import KINDS, Line, Score, points_text
from ratings.credit.rules.score import HUNDRED

SHOWN_LINES = 5
ENDED = {
    "expired": N_("Expired: {event}"),
    "cancelled": N_("Taken back: {event}"),
    "restored": N_("Counts again: {event}"),
}


def statement_lines(score: Score) -> list[dict[str, Any]]:
    """Rows for the statement component, oldest first; titles are messages, to be said in the visitor's language."""
    return [_row(line) for line in score.lines]


def _row(line: Line) -> dict[str, Any]:
    event = line.event
    title = Message(KINDS[event.kind].title)
    row: dict[str, Any] = {
        "at": line.at,
        "title": Message(ENDED[line.why], {"event": title}) if line.why in ENDED else title,
        "change": points_text(line.change, signed=True),
        "balance": points_text(line.balance),
        "rule": event.rule,
        "text": event.project_number,
        "rulebook": event.rulebook,
    }
    if line.proof.evidence_id is not None:
        row |= {"href": f"/register/entries/{line.proof.evidence_id}", "number": line.proof.evidence_no}
    return row


def pause_rows(account: Account) -> list[dict[str, Any]]:
    """All pauses, newest first; `running`: at the account's moment."""
    return [
        {"rule": pause.rule, "reason": Message(PAUSE_REASONS[pause.rule]), "from_at": pause.starts_at,
         "until_at": pause.ends_at, "running": pause.starts_at <= account.at < pause.ends_at}
        for pause in reversed(account.pauses)
    ]  # fmt: skip


def chart_points(account: Account, *, months: int) -> list[tuple[str, float]]:
    """(day, points) at the end of each of the last months, and at the account's moment."""
    found = queries.history(account, months=months)
    return [(beijing_date(moment).isoformat(), points / HUNDRED) for moment, points in found]


@panel("agency", order=30)
async def credit_panel(request: Request[Any, Any, Any], viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """Score, standing and the last lines of the account."""
    try:
        account = await queries.agency_account(key, now)
    except NotFound:
        return None
    lines = statement_lines(account.score)
    return Panel("ratings/_credit.html", {
        "account": account,
        "points": points_text(account.score.points),
        "lines": lines[-SHOWN_LINES:],
        "more": max(len(lines) - SHOWN_LINES, 0),
        "opening": lines[-SHOWN_LINES - 1]["balance"] if len(lines) > SHOWN_LINES else points_text(account.score.opening),
        "pause": account.pause,
        "pause_reason": Message(PAUSE_REASONS[account.pause.rule]) if account.pause else None,
    })  # fmt: skip
