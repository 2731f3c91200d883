"""The panel of a merit selection: who may be drawn is frozen at the close, the draw orders all of them, and whoever
falls out is followed by the next in that order. Pure, and worked out again from the published evidence.

Until the result is out nobody may know who sits on a panel, so the register holds the list's salted hash only:

    hash = hex SHA-256(JCS({"candidates": [codes, sorted], "project", "purpose", "round", "chain", "salt", "size"}))

Evidence, as the dossier publishes it:

    {"size": n, "input": D of hmac-draw/1 with the candidates as entrants, one ticket each, and n winners,
     "salt", "hash", "order": [codes as drawn], "excluded": [{"expert", "reason"}, …],
     "members": [{"expert", "place", "end": null | "declined" | "absent" | "conflict", "reason"}, … by place]}
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import rfc8785

from projects.selection.draw import DrawInput, DrawInvalid, draw, entrants_of

PURPOSE: Final = "experts"


class PanelInvalid(ValueError):
    """The published panel does not follow from what was committed to."""


class End(StrEnum):
    """Why an expert who was drawn does not score."""

    DECLINED = "declined"
    ABSENT = "absent"
    CONFLICT = "conflict"


def purpose_of(no: int) -> str:
    """The purpose of the panel's draw in the selection round `no` of a project."""
    return PURPOSE if no == 1 else f"{PURPOSE}-{no}"


def panel_draw(project: str, no: int, chain: str, beacon_round: int, candidates: Iterable[str], size: int) -> DrawInput:
    """What is drawn from when the round appears. Raises DrawInvalid with fewer candidates than seats."""
    return DrawInput(chain, entrants_of(candidates), project, purpose_of(no), beacon_round, size)


def candidates_hash(given: DrawInput, salt: str) -> str:
    """What the register says of the frozen candidates until the result is out."""
    members = given.members()
    hashed: dict[str, Any] = {name: members[name] for name in ("chain", "project", "purpose", "round")}
    hashed |= {"candidates": [one.code for one in given.entrants], "salt": salt, "size": given.winners}
    return hashlib.sha256(rfc8785.dumps(hashed)).hexdigest()


def order_of(given: DrawInput, randomness: bytes) -> list[str]:
    """All candidates in the order in which they are asked."""
    return draw(given, randomness).order


def scoring_experts(
    panel: Mapping[str, Any], *, project: str, no: int, chain: str, beacon_round: int, size: int, randomness: bytes
) -> list[str]:
    """The experts whose marks count, by code, from the published panel. Raises PanelInvalid where it does not follow
    from what was committed to, or where seats are empty."""
    try:
        candidates = [one["code"] for one in panel["input"]["entrants"]]
        given = panel_draw(project, no, chain, beacon_round, candidates, size)
        claimed = (panel["input"], panel["size"], panel["hash"], list(panel["order"]))
        made = (given.members(), size, candidates_hash(given, panel["salt"]), order_of(given, randomness))
        members = [(one["place"], one["expert"], one["end"]) for one in panel["members"]]
    except (KeyError, TypeError, DrawInvalid) as problem:
        raise PanelInvalid(f"the panel cannot be worked out: {problem}") from problem
    if claimed != made:
        raise PanelInvalid("the order of the experts does not follow from the frozen candidates and the round")
    return _seated(members, made[3], size)


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
