"""The panel of a merit selection: who may be drawn is frozen at the close, the draw orders all of them, and whoever
falls out is followed by the next in that order. Pure, and worked out again from the published evidence.

Until the result is out nobody may know who sits on a panel, so the register holds the list's salted hash only:

    hash = hex SHA-256(JCS({"candidates": [codes, sorted], "project", "purpose", "round", "chain", "salt", "size"}))

Evidence, as the dossier publishes it:

    {"size": n, "input": D of hmac-draw/1 with the candidates as entrants, one ticket each, and n winners,
     "salt", "hash", "order": [codes as drawn], "excluded": [{"expert", "reason"}, …],
     "members": [{"expert", "place", "end": null | "declined" | "absent" | "conflict", "reason"}, … by place]}

Where everybody of the order was asked and seats are empty, a further order is drawn from new candidates, under the first
beacon round that nobody could know when they were frozen. Such a panel has the member "further" besides:

    [{"no": 2, "cause": "order_used_up", "frozen_at", "round", "signature", "size": seats that were empty, "input", "salt",
      "hash", "order", "excluded"}, …]

Whoever it puts in order is asked after all before; places go on counting.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import rfc8785

from market.beacon.bls import signature_is_valid
from market.beacon.rules import Chain, Round, commit_round, read_moment, round_time
from projects.selection.draw import DrawInput, draw, entrants_of

PURPOSE: Final = "experts"


class PanelInvalid(ValueError):
    """The published panel does not follow from what was committed to."""


class End(StrEnum):
    """Why an expert who was drawn does not score."""

    DECLINED = "declined"
    ABSENT = "absent"
    CONFLICT = "conflict"


class Further(StrEnum):
    """Why a further order of experts is drawn."""

    ORDER_USED_UP = "order_used_up"


def purpose_of(no: int, draw_no: int = 1) -> str:
    """The purpose of draw `draw_no` of the panel in the selection round `no` of a project."""
    named = PURPOSE if draw_no == 1 else f"{PURPOSE}-draw-{draw_no}"
    return named if no == 1 else f"{named}-{no}"


def panel_draw(
    project: str, no: int, chain: str, beacon_round: int, candidates: Iterable[str], size: int, draw_no: int = 1
) -> DrawInput:
    """What is drawn from when the round appears. Raises DrawInvalid with fewer candidates than seats."""
    return DrawInput(chain, entrants_of(candidates), project, purpose_of(no, draw_no), beacon_round, size)


def candidates_hash(given: DrawInput, salt: str) -> str:
    """What the register says of the frozen candidates until the result is out."""
    members = given.members()
    hashed: dict[str, Any] = {name: members[name] for name in ("chain", "project", "purpose", "round")}
    hashed |= {"candidates": [one.code for one in given.entrants], "salt": salt, "size": given.winners}
    return hashlib.sha256(rfc8785.dumps(hashed)).hexdigest()


def order_of(given: DrawInput, randomness: bytes) -> list[str]:
    """All candidates in the order in which they are asked."""
    return draw(given, randomness).order


@dataclass(frozen=True)
class Drawing:
    """What panels are worked out with: the project's selection round `no`, its chain (by hash; `beacon` where more is
    known of it) and round, and when it decided."""

    project: str
    no: int
    chain: str
    beacon_round: int
    randomness: bytes
    beacon: Chain | None
    decided_at: datetime


def scoring_experts(panel: Mapping[str, Any], drawing: Drawing, size: int) -> list[str]:
    """The experts whose marks count, by code, from the published panel. Raises PanelInvalid where it does not follow
    from what was committed to, or where seats are empty."""
    try:
        order = _order(panel, drawing, drawing.beacon_round, drawing.randomness, size, 1)
        for draw_no, one in enumerate(panel.get("further", ()), start=2):
            order = [*order, *_further_order(one, order, drawing, size, draw_no)]
        members = [(one["place"], one["expert"], one["end"]) for one in panel["members"]]
    except PanelInvalid:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as problem:
        raise PanelInvalid(f"the panel cannot be worked out: {problem}") from problem
    return _seated(members, order, size)


def _order(
    drawn: Mapping[str, Any], drawing: Drawing, number: int, randomness: bytes, size: int, draw_no: int
) -> list[str]:
    """The order of one draw, if all that it claims follows from its candidates and its round."""
    candidates = [one["code"] for one in drawn["input"]["entrants"]]
    given = panel_draw(drawing.project, drawing.no, drawing.chain, number, candidates, size, draw_no)
    claimed = (drawn["input"], drawn["size"], drawn["hash"], list(drawn["order"]))
    order = order_of(given, randomness)
    if claimed != (given.members(), size, candidates_hash(given, drawn["salt"]), order):
        raise PanelInvalid("the order of the experts does not follow from the frozen candidates and the round")
    return order


def _further_order(
    drawn: Mapping[str, Any], before: Sequence[str], drawing: Drawing, size: int, draw_no: int
) -> list[str]:
    """Its round is the one that its own time calls for, signed by the beacon; nobody is asked twice."""
    beacon = drawing.beacon
    if beacon is None or drawn["no"] != draw_no or drawn["cause"] not in set(Further):
        raise PanelInvalid("a further order of experts is drawn for a known cause")
    frozen_at = read_moment(drawn["frozen_at"])
    number, signature = drawn["round"], bytes.fromhex(drawn["signature"])
    if number != commit_round(beacon, frozen_at) or not number > drawing.beacon_round:
        raise PanelInvalid("a further order of experts is drawn under another round than its time calls for")
    if round_time(beacon, number) > drawing.decided_at:
        raise PanelInvalid("a further order of experts was drawn after the decision")
    if not signature_is_valid(beacon.public_key, number, signature):
        raise PanelInvalid("the beacon did not sign the round of a further order of experts")
    seats = drawn["size"]
    if type(seats) is not int or not 1 <= seats <= size:
        raise PanelInvalid("a further order of experts fills empty seats")
    order = _order(drawn, drawing, number, Round(number, signature).randomness, seats, draw_no)
    if set(order) & set(before):
        raise PanelInvalid("an expert is in two orders of one panel")
    return order


def _seated(members: Sequence[tuple[int, str, str | None]], order: Sequence[str], size: int) -> list[str]:
    """Experts are asked in the drawn order and nobody beyond what was needed."""
    if [(place, code) for place, code, _ in members] != list(enumerate(order[: len(members)], start=1)):
        raise PanelInvalid("experts were not asked in the drawn order")
    if any(end is not None and end not in set(End) for _, _, end in members):
        raise PanelInvalid("an expert left the panel for no known reason")
    seated = [code for _, code, end in members if end is None]
    if len(seated) != size:
        raise PanelInvalid(f"{len(seated)} experts scored, {size} seats were to be filled")
    return sorted(seated)
