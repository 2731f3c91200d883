"""What is inside a sealed bid: canonical JSON that names where it belongs, padded so that its length says nothing.

Encryption binds no outer facts: whoever copies a rival's sealed file opens the same text. So the text itself names
project, agency, beacon round and chain, and counts only where all of them are those of whoever handed it in.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import rfc8785

from projects.selection.methods.terms import Quote

VERSION: Final = 1
PADDED_BYTES: Final = 2_048
_AMOUNT: Final = re.compile(r"(0|[1-9][0-9]{0,12})\.([0-9]{2})")
_NONCE: Final = re.compile(r"[0-9a-f]{32}")
_MEMBERS: Final = frozenset({"v", "project", "agency", "round", "chain", "nonce", "quote", "amount"})


class BidFault(StrEnum):
    """Why an opened text is no bid; published with the bid that it makes invalid."""

    UNREADABLE = "unreadable"
    OTHER_FORM = "other_form"
    OTHER_PROJECT = "other_project"
    OTHER_AGENCY = "other_agency"
    OTHER_ROUND = "other_round"
    OTHER_NONCE = "other_nonce"
    NO_AMOUNT = "no_amount"


class BidInvalid(ValueError):
    """An opened text that does not count."""

    def __init__(self, fault: BidFault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True)
class Belonging:
    """Where a bid belongs: known before it opens. `nonce`: 32 hexadecimal digits, given to this one submission."""

    project: str
    agency: str
    round: int
    chain: str
    nonce: str
    quote: Quote


def write(belonging: Belonging, quoted: int) -> bytes:
    """The padded text of a bid. `quoted`: fen, or basis points of discount; written as yuan or percent "12.34"."""
    if quoted < 0 or not _NONCE.fullmatch(belonging.nonce):
        raise ValueError("a bid has an amount that is not negative, and a nonce of 32 hexadecimal digits")
    text = rfc8785.dumps({**_members(belonging), "amount": f"{quoted // 100}.{quoted % 100:02d}"})
    if len(text) > PADDED_BYTES:
        raise ValueError("the text of a bid is longer than its padding")
    return text.ljust(PADDED_BYTES, b" ")


def read(text: bytes, belonging: Belonging) -> int:
    """The quoted amount (fen, or basis points) of an opened text. Raises BidInvalid, whatever the bytes."""
    members = _parse(text)
    if set(members) != _MEMBERS or members["v"] != VERSION or members["quote"] != belonging.quote.value:
        raise BidInvalid(BidFault.OTHER_FORM)
    for name, fault in _FAULTS:
        if members[name] != getattr(belonging, name) or type(members[name]) is not type(getattr(belonging, name)):
            raise BidInvalid(fault)
    amount = members["amount"]
    match = _AMOUNT.fullmatch(amount) if isinstance(amount, str) else None
    if match is None:
        raise BidInvalid(BidFault.NO_AMOUNT)
    return int(match.group(1)) * 100 + int(match.group(2))


_FAULTS: Final = (
    ("project", BidFault.OTHER_PROJECT),
    ("agency", BidFault.OTHER_AGENCY),
    ("round", BidFault.OTHER_ROUND),
    ("chain", BidFault.OTHER_ROUND),
    ("nonce", BidFault.OTHER_NONCE),
)


def _members(belonging: Belonging) -> dict[str, Any]:
    return {
        "v": VERSION,
        "project": belonging.project,
        "agency": belonging.agency,
        "round": belonging.round,
        "chain": belonging.chain,
        "nonce": belonging.nonce,
        "quote": belonging.quote.value,
    }


def _parse(text: bytes) -> dict[str, Any]:
    """The members, from exactly one spelling: canonical JSON, then spaces up to the fixed length."""
    try:
        members = json.loads(text)
        canonical = rfc8785.dumps(members)
    except (ValueError, RecursionError) as error:
        raise BidInvalid(BidFault.UNREADABLE) from error
    if not isinstance(members, dict) or canonical.ljust(PADDED_BYTES, b" ") != text:
        raise BidInvalid(BidFault.UNREADABLE)
    return members
