"""Sealed bids as rules: which methods ask for one, what may be seen of them before they open, what is taken. Pure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from market.beacon.timelock import Flaw
from market.catalogue.rules import Rulebook
from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from projects.rules import Stage
from projects.selection.methods import METHODS
from projects.selection.methods.method import EntryKind

SEALED: Final = "sealed"  # the subject of register entries that must not tell to which project they belong
# From the close on a sealed bid binds until the bids are open and the result is known.
BOUND: Final = frozenset({Stage.DRAWING, Stage.EVALUATION})


class Bidding(StrEnum):
    """What an agency hands in beside its sign-up. `OPTIONAL`: a reserve price that bids for whoever is not there."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


def bidding_of(method: str) -> Bidding:
    """Of a method's code."""
    found = METHODS[method]
    if found.live:
        return Bidding.OPTIONAL
    return Bidding.REQUIRED if found.entry is EntryKind.SEALED_BID else Bidding.NONE


def sealed_methods() -> list[str]:
    """Methods whose entries nobody may count or name before they open."""
    return [code for code in METHODS if bidding_of(code) is not Bidding.NONE]


def count_shown(method: str, stage: Stage, opened_at: datetime | None, rulebook: Rulebook) -> bool:
    """May pages say how many have signed up? Where bids are sealed only if the rulebook says so, or once they are open."""
    if bidding_of(method) is Bidding.NONE or opened_at is not None or stage not in (Stage.SIGN_UP, *BOUND):
        return True
    return rulebook.flag("selection.sealed.show_count")


# What is wrong with a sealed file, in words.
_FLAWS: Final = {
    Flaw.TOO_LONG: N_("The sealed bid is longer than 8 KB."),
    Flaw.NOT_AGE: N_("This is not an armored age file in the one form that is accepted."),
    Flaw.OTHER_CHAIN: N_("It is sealed to another beacon than the one that the notice names."),
    Flaw.OTHER_ROUND: N_("It is sealed to another beacon round than the one that the notice names."),
    Flaw.SEALED_KEY: N_("Its sealed key has another length than the one that is accepted."),
    Flaw.POINT: N_("Its sealed key does not start with a point of the group."),
}  # fmt: skip


def malformed(flaw: Flaw) -> Refusal:
    return Refusal("bid.malformed", _FLAWS[flaw], todo=N_("Open the bidding page again and seal your bid anew."))


def already_public(round_number: int) -> Refusal:
    return Refusal(
        "bid.round_public", N_("Beacon round {number} is out already: sealed to it, a bid would be no secret."),
        todo=N_("Open the project to see where it stands."), number=round_number,
    )  # fmt: skip


def check_asked(method: str, *, sealed: bool) -> None:
    """A bid where one is asked for, and none where none is."""
    asked = bidding_of(method)
    if sealed and asked is Bidding.NONE:
        raise Refusal("bid.not_asked", N_("This project does not ask for bids."),
                      todo=N_("Sign up for it on its page."))  # fmt: skip
    if not sealed and asked is Bidding.REQUIRED:
        raise Refusal("bid.needed", N_("Taking part in this project needs a sealed bid."),
                      todo=N_("Open the project and hand in your bid there."))  # fmt: skip


def check_abandon_sealed(method: str, stage: Stage) -> None:
    """A sealed bid cannot be given up between the close and the result: that would tell who bid."""
    if bidding_of(method) is not Bidding.NONE and stage in BOUND:
        raise Refusal(
            "sign_up.sealed", N_("Since sign-up closed, your sealed bid binds you until the result is known."),
            todo=N_("After the result, agencies that were not chosen can give up their place."),
        )  # fmt: skip


def check_reserve(method: str) -> None:
    """A reserve price can be taken back alone; a bid by which one takes part goes with the sign-up."""
    if bidding_of(method) is Bidding.REQUIRED:
        raise Refusal("bid.not_reserve", N_("Here your sealed bid is how you take part, so it is not taken back alone."),
                      todo=N_("Replace it, or withdraw altogether on the page of the project."))  # fmt: skip


def nonce_used() -> Refusal:
    return Refusal("bid.nonce_used", N_("This form was sent before, with another bid in it."),
                   todo=N_("Open the bidding page again; it shows the bid that stands."))  # fmt: skip


def replayed() -> Refusal:
    return Refusal("bid.replayed", N_("Your organisation has handed in this very file before."),
                   todo=N_("Open the bidding page again and seal your bid anew."))  # fmt: skip


def stands() -> Refusal:
    return Refusal("bid.stands", N_("Another bid of your organisation arrived in the meantime and stands. Nothing was changed."),
                   todo=N_("Open the bidding page again: it shows that bid, and lets you replace it."))  # fmt: skip


def gone() -> Refusal:
    return Refusal("bid.gone", N_("The bid that you wanted to replace does not stand any more. Nothing was changed."),
                   todo=N_("Open the bidding page again to see what stands."))  # fmt: skip
