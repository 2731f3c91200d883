"""Which closed projects are called, and what a call may say. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from market.kernel.errors import Refusal
from market.kernel.i18n import N_

BASIS_POINTS: Final = 10_000
_DIGITS: Final = 16  # of the hash, in hexadecimal: 64 bits


def is_sampled(entry_sha256: str, share: int) -> bool:
    """Whether the hash of the act that closed a project names it for a call; anybody can work that out again.
    `share`: basis points of all closed projects (`followup.share`)."""
    return int(entry_sha256[:_DIGITS], 16) * BASIS_POINTS < share << (4 * _DIGITS)


@dataclass(frozen=True)
class Call:
    """`satisfaction`: 1 … 5, None where nobody was reached; `at_odds`: it contradicts the rating that was given."""

    reached: bool
    satisfaction: int | None
    at_odds: bool
    remarks: str


def check_call(*, called: bool) -> None:
    if called:
        raise Refusal("follow_up.called", N_("The result of this call has been recorded already."),
                      todo=N_("What is new belongs into a tip or a case."))  # fmt: skip
