"""What an act said, against what the tables say now: row by row, fact by fact."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from market.kernel.db import fetch, from_json
from market.register.audit import Finding
from market.register.canonical import canonical
from market.register.queries import utc_text

Facts = dict[str, Any]
Adjust = Callable[[Facts], Facts]


def _as_they_are(facts: Facts) -> Facts:
    return facts


@dataclass(frozen=True)
class Comparer:
    """One kind of act and the rows that it left behind.

    `sql` gives what the act must have said: columns named as in its data, besides `subject`, `by`, `at` and `entry_id` for
    the entry itself. `key`: which of them tell one act from another; `json`: columns that arrive as JSON text;
    `only`: which entries of the kind left rows of this sort."""

    kind: str
    table: str
    key: tuple[str, ...]
    sql: str
    json: tuple[str, ...] = ()
    adjust: Adjust = _as_they_are
    only: Callable[[Facts], bool] = bool


@dataclass(frozen=True)
class Act:
    """An entry as its facts: those of the entry itself and those of its data."""

    id: UUID
    facts: Facts


async def acts_of(kind: str) -> list[Act]:
    """Oldest first."""
    rows = await fetch('SELECT id, at, subject, "by", data FROM register_entry WHERE kind = $1 ORDER BY written', kind)
    return [Act(row["id"], act_facts(row)) for row in rows]


def act_facts(row: Mapping[str, Any]) -> Facts:
    head = {"entry_id": str(row["id"]), "at": utc_text(row["at"]), "subject": row["subject"], "by": row["by"]}
    return {**from_json(row["data"]), **head}


def fingerprint_of(stored: str, digest: Callable[[Any], str], *, name: str = "sha256") -> Adjust:
    """The fingerprint `name` is computed anew from the column `stored`, which the act did not say."""

    def adjust(facts: Facts) -> Facts:
        content = facts.pop(stored)
        try:
            sha256 = digest(content)
        except (TypeError, KeyError, ValueError) as problem:
            sha256 = f"unreadable: {problem}"
        return facts if sha256 == facts[name] else facts | {name: f"of the stored {stored}: {sha256}"}

    return adjust


def canonical_sha256(content: Any) -> str:
    return hashlib.sha256(canonical(content)).hexdigest()


async def words_altered(table: str, sql: str, *values: Any) -> list[Finding]:
    """What the register knows by a digest only: the private facts behind it must be the words of the row. `sql` gives (id of
    the entry, name) where they are not."""
    return [
        Finding("altered", table, str(row["name"]), "its words are not as they were recorded", row["id"])
        for row in await fetch(sql, *values)
    ]


async def compare(comparer: Comparer) -> list[Finding]:
    rows = [comparer.adjust(_decoded(row, comparer.json)) for row in await fetch(comparer.sql)]
    acts = [act for act in await acts_of(comparer.kind) if comparer.only(act.facts)]
    return list(_differences(comparer, rows, acts))


def _decoded(row: Facts, columns: Sequence[str]) -> Facts:
    return row | {name: from_json(row[name]) for name in columns}


def key_of(facts: Facts, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(plain(facts.get(name))) for name in names)


def _differences(comparer: Comparer, rows: Sequence[Facts], acts: Sequence[Act]) -> Iterator[Finding]:
    said = {key_of(act.facts, comparer.key): act for act in acts}
    there = {key_of(row, comparer.key): row for row in rows}
    for key, row in there.items():
        name = " ".join(key)
        if key not in said:
            yield Finding("extra", comparer.table, name, f"no act in the register ({comparer.kind}) put it there")
            continue
        if changed := changes(said[key].facts, row):
            yield Finding("altered", comparer.table, name, f"{comparer.kind}: {'; '.join(changed)}", said[key].id)
    for key, act in said.items():
        if key not in there:
            yield Finding(
                "missing", comparer.table, " ".join(key), f"what {comparer.kind} recorded is not there", act.id
            )


def changes(recorded: Facts, now: Facts) -> list[str]:
    """Which of the present facts are not as recorded, in words."""
    return [
        f"{name} was {shorten(recorded.get(name))}, is {shorten(plain(value))}"
        for name, value in now.items()
        if not same(recorded.get(name), value)
    ]


def same(recorded: Any, now: Any) -> bool:
    if isinstance(now, datetime):
        return isinstance(recorded, str) and _moment(recorded) == utc_text(now)
    return bool(recorded == plain(now))


def _moment(text: str) -> str | None:
    """Times are recorded to the millisecond, in notices to the microsecond: both are compared to the millisecond."""
    try:
        return utc_text(datetime.fromisoformat(text))
    except ValueError:
        return None


def plain(value: Any) -> Any:
    """As it would stand in the data of an entry."""
    match value:
        case datetime():
            return utc_text(value)
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case tuple() | list():
            return [plain(one) for one in value]
    return value


def shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
