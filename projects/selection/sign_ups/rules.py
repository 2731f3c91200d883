"""Signing up and giving up a place as rules: who came in time, and until when a place can be given back. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from market.kernel.errors import Message, Refusal
from market.kernel.i18n import N_
from projects.rules import Stage

# From the close of sign-up to the contract an agency may say that it gives up its place.
ABANDONABLE: Final = frozenset({Stage.DRAWING, Stage.RESULT_NOTICE, Stage.CONTRACTING})


def check_window(stage: Stage, opens_at: datetime, closes_at: datetime, now: datetime) -> None:
    """Half-open: at the closing instant it is too late. `now` is when the request reached the server."""
    if now >= closes_at:
        raise sign_up_closed(closes_at, now)
    if stage is not Stage.SIGN_UP:
        raise Refusal("sign_up.not_open", N_("This project does not take sign-ups any more: it has moved on. Your request reached the server at {arrived_at}; nothing was recorded."),
                      rule="selection.freeze_grace", arrived_at=now,
                      todo=N_("Open the project to see where it stands. If you were in time, you may object to the result."))  # fmt: skip
    if now < opens_at:
        raise Refusal("sign_up.too_early", N_("Sign-up opens at {opens_at}; the server's time is {arrived_at}."),
                      todo=N_("Come back then; nothing is gained by being first."), opens_at=opens_at, arrived_at=now)  # fmt: skip


def sign_up_closed(closes_at: datetime, now: datetime) -> Refusal:
    """Dated, with the server's time and by how much: a late sign-up is a fact, not a mistake in the address."""
    return Refusal(
        "sign_up.closed",
        N_("Sign-up closed at {closed_at}. Your request reached the server at {arrived_at}: {late} too late."),
        rule="signup.min_window",
        todo=N_("Nobody can be added after the close. Follow the projects that are open now."),
        closed_at=closes_at, arrived_at=now, late=lateness(now - closes_at),
    )  # fmt: skip


def lateness(late: timedelta) -> timedelta | Message:
    """Below a minute to the millisecond: so close to a deadline people want to know exactly."""
    if late >= timedelta(minutes=1):
        return late
    return Message(N_("{seconds} seconds"), {"seconds": f"{late / timedelta(seconds=1):.3f}"})


def check_abandon(stage: Stage, *, wins: bool, round_public_at: datetime | None, now: datetime) -> None:
    """Giving up a place is possible until the result is known to anybody; the winner can only refuse the contract."""
    if stage not in ABANDONABLE:
        raise Refusal("sign_up.not_abandonable", N_("There is no place to give up in this stage of the project."),
                      todo=N_("Before sign-up closes you can withdraw; afterwards open the project to see where it stands."))  # fmt: skip
    if wins:
        raise Refusal("sign_up.winner", N_("Your organisation won this draw, so it cannot give up its place any more."),
                      rule="credit.deduct.sign_refused.points",
                      todo=N_("You may refuse the contract when it opens; that has its own consequences."))  # fmt: skip
    if stage is Stage.DRAWING and round_public_at is not None and now >= round_public_at:
        raise Refusal("sign_up.drawing", N_("The beacon round is out and the draw is being computed."),
                      todo=N_("Look again in a minute: the result decides what you can do."))  # fmt: skip
