"""One kind of results for everything that is announced beside the notices themselves: results under public notice,
amendments, decisions, lists. Each package above makes its part; a search finds all of them together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.search.interface import Document, Scope
from market.search.kinds import Documents, Kind, Read, changed, register_kind
from market.search.naming import in_both

KIND: Final = "announcements"
_JOINT: Final = "-"
# What they are, by the stage of their documents.
ANNOUNCED: Final[Mapping[str, str]] = {
    "result": N_("Public notice of the result"),
    "failure": N_("Selection failed"),
    "amendment": N_("Notice amended"),
    "withdrawal": N_("Project withdrawn"),
    "entry": N_("Public notice of entry"),
    "decision": N_("Decision"),
    "red": N_("Red list"),
    "restricted": N_("Restricted list of the platform"),
    "overdue": N_("Overdue payments"),
}


@dataclass(frozen=True)
class Announcement:
    """A hit as it is at this moment. `title`: a name or title as its author wrote it, or words of ours; `text`: what is
    said, likewise; `who`: the organisation that it is about; `until`: the moment from which on it is not public any more;
    `what`: a key of ANNOUNCED."""

    what: str
    title: str | Message
    text: str | Message
    link: str
    at: datetime
    code: str = ""
    who: str = ""
    region_code: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Part:
    """`name`: one word, in front of its ids. `documents`: their stage is a key of ANNOUNCED.
    `read` answers with `Announcement`s."""

    name: str
    documents: Documents
    read: Read


_PARTS: dict[str, Part] = {}


def register_part(part: Part) -> Part:
    """Called when a package is imported. Raises ValueError where another package took the name."""
    known = _PARTS.get(part.name)
    if known is not None and known.documents is not part.documents:
        raise ValueError(f"two parts of the announcements are called {part.name}")
    _PARTS[part.name] = part
    return part


async def announced(part: str, *ids: str) -> None:
    """In the transaction of every act that announces something, changes it or takes it back."""
    await changed(KIND, *(f"{part}{_JOINT}{one}" for one in ids))


async def _documents(ids: Sequence[str] | None) -> AsyncIterator[Document]:
    asked = _by_part(ids) if ids is not None else dict.fromkeys(_PARTS)
    for name, own in asked.items():
        async for one in _PARTS[name].documents(own):
            body = f"{in_both(Message(ANNOUNCED[one.stage]))}\n{one.body}"
            yield replace(one, kind=KIND, id=f"{name}{_JOINT}{one.id}", body=body)


async def _read(ids: Sequence[str], scope: Scope) -> Mapping[str, Announcement]:
    found: dict[str, Announcement] = {}
    for name, own in _by_part(ids).items():
        read = await _PARTS[name].read(own, scope)
        found |= {f"{name}{_JOINT}{one}": hit for one, hit in read.items()}
    return found


def _by_part(ids: Sequence[str]) -> dict[str, list[str]]:
    """Ids of parts that this release does not know belong to nothing."""
    split: defaultdict[str, list[str]] = defaultdict(list)
    for one in ids:
        name, _, own = one.partition(_JOINT)
        if name in _PARTS:
            split[name].append(own)
    return dict(split)


register_kind(Kind(KIND, _documents, _read))
