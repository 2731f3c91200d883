"""Setting up a server, once and with its master key: two keys that may do only what they are for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from market.search.meilisearch.client import Server
from market.search.meilisearch.documents import PREFIX

if TYPE_CHECKING:
    import meilisearch

OLDEST: Final = (1, 30, 1)  # before it, deleting an index after an exchange could remove the other one's tasks
# The server makes a key from its uid and the master key: a server set up again gives the same ones.
SEARCH_KEY: Final = "7f3d2c9e-5a14-4b8e-9c06-1d2f3a4b5c6d"
WORKER_KEY: Final = "2b9c4e71-83d5-4f60-a1b7-6e5d4c3b2a19"
KEYS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    SEARCH_KEY: ("Mingxuan: searching", ("search",)),
    WORKER_KEY: (
        "Mingxuan: keeping documents up to date",
        # It looks for what it built before that is put in place.
        ("search", "documents.add", "documents.get", "documents.delete", "indexes.create", "indexes.get", "indexes.delete", "indexes.swap",
         "settings.get", "settings.update", "tasks.get", "stats.get"),
    ),
}  # fmt: skip


class TooOld(Exception):
    """A server of this version is known to lose what it was told."""


@dataclass(frozen=True)
class Keys:
    """For MEILI_KEY and MEILI_WORKER_KEY. `made`: how many of them were not there before."""

    search: str
    worker: str
    version: str
    made: int

    def __repr__(self) -> str:
        return "Keys(********)"


async def provision(server: Server) -> Keys:
    """Spoken to with the master key. Safe to repeat. Raises TooOld, ServerProblem."""
    version = await server.ask(lambda client: str(client.get_version()["pkgVersion"]))
    if _numbers(version) < OLDEST:
        raise TooOld(f"the server is version {version}; at least {'.'.join(map(str, OLDEST))} is needed")
    found = {uid: await server.ask(lambda client, uid=uid: _key(client, uid)) for uid in KEYS}  # type: ignore[misc]
    return Keys(found[SEARCH_KEY][0], found[WORKER_KEY][0], version, sum(made for _, made in found.values()))


def _key(client: meilisearch.Client, uid: str) -> tuple[str, bool]:
    """Makes it, or takes the one that is there if it may do exactly what it should."""
    from meilisearch.errors import MeilisearchApiError

    name, actions = KEYS[uid]
    try:
        known = client.get_key(uid)
    except MeilisearchApiError as answer:
        if answer.code != "api_key_not_found":
            raise
        return _made(client, uid, name, actions), True
    if set(known.actions) == set(actions) and known.indexes == [f"{PREFIX}*"]:
        return known.key, False
    client.delete_key(uid)
    return _made(client, uid, name, actions), True


def _made(client: meilisearch.Client, uid: str, name: str, actions: tuple[str, ...]) -> str:
    asked: dict[str, Any] = {
        "uid": uid,
        "name": name,
        "actions": list(actions),
        "indexes": [f"{PREFIX}*"],
        "expiresAt": None,
    }
    return client.create_key(asked).key


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
