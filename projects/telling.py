"""What organisations are told of an act on a project: one message each, with the act as its cause."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from market.accounts.actions import tell
from market.kernel.db import transaction
from market.register.queries import Entry


@dataclass(frozen=True)
class Told:
    """`text`: a message id; `facts`: what stands in its braces."""

    organisation_id: UUID
    text: str
    link: str
    facts: dict[str, Any]


async def tell_of(act: Entry, told: Iterable[Told]) -> None:
    """Puts the messages about an act into the inboxes: all of them, or none."""
    async with transaction():
        for one in told:
            await tell(one.organisation_id, one.text, link=one.link, cause=f"{act.kind}:{act.id}", now=act.at,
                       facts=one.facts)  # fmt: skip
