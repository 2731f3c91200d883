"""Building the dossier of a draw from the facts of a selection. Pure: `now` and the round are arguments."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import rfc8785

from market.beacon.rules import Chain, Round, moment_text
from projects.selection.dossiers.draw_checks import verify
from projects.selection.dossiers.draw_format import (
    FORMAT,
    Dossier,
    DossierInvalid,
    Exclusion,
    digest_of,
    parse,
)
from projects.selection.dossiers.report import Report
from projects.selection.draw import ALGORITHM, DrawInput, DrawOutcome, draw

__all__ = [
    "Dossier",
    "DossierInvalid",
    "Exclusion",
    "Report",
    "Selection",
    "build",
    "chain_member",
    "digest_of",
    "parse",
    "verify",
]


@dataclass(frozen=True)
class Selection:
    """The facts of one selection that its dossier publishes. `names` holds each entrant's public name by code."""

    given: DrawInput
    names: Mapping[str, str]
    excluded: Sequence[Exclusion]
    chain: Chain
    beacon_round: Round
    committed_at: datetime
    deadline: datetime
    frozen_at: datetime
    drawn_at: datetime


def build(selection: Selection) -> bytes:
    """The dossier's bytes. Raises DossierInvalid rather than publish what nobody could verify."""
    data = compose(selection)
    report = verify(data)
    if not report.ok:
        raise DossierInvalid("; ".join(f"{check.name}: {check.detail}" for check in report.failures))
    return data


def compose(selection: Selection) -> bytes:
    """The bytes, not verified: `build` is what publishes."""
    outcome = draw(selection.given, selection.beacon_round.randomness)
    members = {**_promise(selection), **_result(selection, outcome)}
    return rfc8785.dumps({**members, "digest": digest_of(members)})


def chain_member(chain: Chain) -> dict[str, Any]:
    """The beacon's parameters as a dossier or a notice publishes them."""
    return {
        "beacon_id": chain.beacon_id,
        "genesis": chain.genesis,
        "group_hash": chain.group_hash.hex(),
        "hash": chain.hash,
        "period": chain.period,
        "public_key": chain.public_key.hex(),
        "scheme": chain.scheme,
    }


def _promise(selection: Selection) -> dict[str, Any]:
    given = selection.given
    return {
        "format": FORMAT,
        "project": given.project,
        "purpose": given.purpose,
        "commitment": {
            "algorithm": ALGORITHM,
            "chain": chain_member(selection.chain),
            "committed_at": moment_text(selection.committed_at),
            "deadline": moment_text(selection.deadline),
            "round": given.round,
        },
        "input": given.members(),
        "pool": {
            "entrants": [
                {"code": code, "name": selection.names[code], "tickets": tickets} for code, tickets in given.entrants
            ],
            "excluded": msgspec.to_builtins(sorted(selection.excluded, key=lambda left_out: left_out.code)),
            "frozen_at": moment_text(selection.frozen_at),
            "hash": hashlib.sha256(given.canonical()).hexdigest(),
        },
    }


def _result(selection: Selection, outcome: DrawOutcome) -> dict[str, Any]:
    published = selection.beacon_round
    scores = outcome.score_of()
    return {
        "beacon": {
            "randomness": published.randomness.hex(),
            "round": published.number,
            "signature": published.signature.hex(),
        },
        "seed": outcome.seed.hex(),
        "tickets": [
            {"code": ticket.code, "number": ticket.number, "value": ticket.value.hex()} for ticket in outcome.tickets()
        ],
        "order": [{"code": code, "score": scores[code].hex()} for code in outcome.order],
        "winners": outcome.winners,
        "drawn_at": moment_text(selection.drawn_at),
    }
