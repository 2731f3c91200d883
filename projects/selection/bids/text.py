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

from projects.experts.proposals import ProposalInvalid, ProposalSeal, decrypt_proposal, encrypt_proposal
from projects.selection.methods.terms import Quote

__all__ = [
    "Belonging",
    "BidFault",
    "BidInvalid",
    "ProposalSeal",
    "decrypt_proposal",
    "encrypt_proposal",
    "read",
    "read_with_proposal",
    "write",
]

VERSION: Final = 1
PADDED_BYTES: Final = 2_048
# A bid is flat. Without a limit of its own a crafted text would be readable or not by the depth of whoever reads it.
MOST_BRACKETS: Final = 100
_AMOUNT: Final = re.compile(r"(0|[1-9][0-9]{0,12})\.([0-9]{2})")
_NONCE: Final = re.compile(r"[0-9a-f]{32}")
_MEMBERS: Final = frozenset({"v", "project", "agency", "round", "chain", "nonce", "quote", "amount"})
_PROPOSAL: Final = frozenset({"proposal_key", "proposal_sha256"})


class BidFault(StrEnum):
    """Why an opened text is no bid; published with the bid that it makes invalid."""

    UNREADABLE = "unreadable"
    OTHER_FORM = "other_form"
    OTHER_PROJECT = "other_project"
    OTHER_AGENCY = "other_agency"
    OTHER_ROUND = "other_round"
    OTHER_NONCE = "other_nonce"
    NO_AMOUNT = "no_amount"
    NO_PROPOSAL = "no_proposal"


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


def write(belonging: Belonging, quoted: int, proposal: ProposalSeal | None = None) -> bytes:
    """The padded text of a bid. `quoted`: fen, or basis points of discount; written as yuan or percent "12.34".
    `proposal`: where the method asks for one."""
    if quoted < 0 or not _NONCE.fullmatch(belonging.nonce):
        raise ValueError("a bid has an amount that is not negative, and a nonce of 32 hexadecimal digits")
    amount = {"amount": f"{quoted // 100}.{quoted % 100:02d}"}
    named = {} if proposal is None else {"proposal_key": proposal.key, "proposal_sha256": proposal.sha256}
    text = rfc8785.dumps({**_members(belonging), **amount, **named})
    if len(text) > PADDED_BYTES:
        raise ValueError("the text of a bid is longer than its padding")
    return text.ljust(PADDED_BYTES, b" ")


def read(text: bytes, belonging: Belonging) -> int:
    """The quoted amount (fen, or basis points) of an opened text. Raises BidInvalid, whatever the bytes."""
    return _amount(_judged(text, belonging, _MEMBERS))


def read_with_proposal(text: bytes, belonging: Belonging) -> tuple[int, ProposalSeal]:
    """The quoted amount, and what opens the proposal, for methods that ask for one. Raises BidInvalid."""
    members = _judged(text, belonging, _MEMBERS | _PROPOSAL)
    try:
        seal = ProposalSeal(members["proposal_key"], members["proposal_sha256"])
    except (ProposalInvalid, TypeError) as error:
        raise BidInvalid(BidFault.NO_PROPOSAL) from error
    return _amount(members), seal


def _judged(text: bytes, belonging: Belonging, form: frozenset[str]) -> dict[str, Any]:
    """The members of a text of this form that belongs where it was handed in."""
    members = _parse(text)
    if set(members) != form or members["v"] is True or members["v"] != VERSION:
        raise BidInvalid(BidFault.OTHER_FORM)
    if members["quote"] != belonging.quote.value:
        raise BidInvalid(BidFault.OTHER_FORM)
    for name, fault in _FAULTS:
        if members[name] != getattr(belonging, name) or type(members[name]) is not type(getattr(belonging, name)):
            raise BidInvalid(fault)
    return members


def _amount(members: dict[str, Any]) -> int:
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
    if text.count(b"[") + text.count(b"{") > MOST_BRACKETS:
        raise BidInvalid(BidFault.UNREADABLE)
    try:
        members = json.loads(text)
        canonical = rfc8785.dumps(members)
    except (ValueError, RecursionError) as error:
        raise BidInvalid(BidFault.UNREADABLE) from error
    if not isinstance(members, dict) or canonical.ljust(PADDED_BYTES, b" ") != text:
        raise BidInvalid(BidFault.UNREADABLE)
    return members
