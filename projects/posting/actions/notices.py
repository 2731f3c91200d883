"""A notice in the database and as canonical JSON."""

from __future__ import annotations

import hashlib
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import rfc8785

from market.catalogue.rules import Catalogue
from market.kernel.db import execute, execute_many
from market.kernel.ids import new_id
from projects.eligibility import Requirement
from projects.milestones import PlannedMilestone
from projects.posting.actions.checking import avoided_ids, invited_ids
from projects.posting.rules import Notice
from projects.rules import Criterion


def columns(notice: Notice, catalogue: Catalogue) -> dict[str, Any]:
    """The notice's own columns of the project row."""
    apart = {"requirements", "avoided", "invited", "criteria", "milestones", "sign_up_closes_at"}
    row = {name: getattr(notice, name) for name in Notice.__dataclass_fields__ if name not in apart}
    classes = sorted({catalogue.item(code).service_class for code in notice.service_items})
    return row | {"service_items": list(notice.service_items), "service_classes": f"|{'|'.join(classes)}|"}


async def write_demand(project_id: UUID, notice: Notice) -> None:
    """Requirements, criteria, milestones, avoided and invited agencies as the notice says now, in place of what it said before."""
    for table in (
        "project_requirement",
        "project_avoided",
        "project_invited",
        "project_criterion",
        "project_milestone",
    ):
        await execute(f"DELETE FROM {table} WHERE project_id = $1", project_id)
    await execute_many(
        "INSERT INTO project_requirement (id, project_id, qualification_type, level, speciality) VALUES ($1,$2,$3,$4,$5)",
        [(new_id(), project_id, need.qualification_type, need.level, need.speciality) for need in notice.requirements],
    )
    avoided = await avoided_ids(notice)
    await execute_many(
        "INSERT INTO project_avoided (id, project_id, agency_id, reason) VALUES ($1,$2,$3,$4)",
        [(new_id(), project_id, agency_id, reason) for agency_id, reason in avoided.items()],
    )
    await execute_many(
        "INSERT INTO project_invited (id, project_id, agency_id) VALUES ($1,$2,$3)",
        [(new_id(), project_id, agency_id) for agency_id in await invited_ids(notice)],
    )
    await execute_many(
        "INSERT INTO project_criterion (id, project_id, no, name, description, weight) VALUES ($1,$2,$3,$4,$5,$6)",
        [
            (new_id(), project_id, no, one.name, one.description, one.weight)
            for no, one in enumerate(notice.criteria, 1)
        ],
    )
    await execute_many(
        "INSERT INTO project_milestone (id, project_id, no, title, share, days) VALUES ($1,$2,$3,$4,$5,$6)",
        [(new_id(), project_id, no, one.title, one.share, one.days) for no, one in enumerate(notice.milestones, 1)],
    )


def notice_sha256(notice: Notice) -> str:
    """SHA-256 of the notice's canonical JSON (RFC 8785): printed on the notice, recorded at publication."""
    return hashlib.sha256(notice_json(notice)).hexdigest()


def notice_json(notice: Notice) -> bytes:
    """The whole notice as canonical JSON, as `/projects/{number}/notice.json` returns it. What a notice of an open draw
    does not say stays out, so that the hash of a notice holds whatever methods are added later."""
    stated = {one.name: getattr(notice, one.name) for one in fields(Notice)
              if one.default is MISSING or getattr(notice, one.name) != one.default}  # fmt: skip
    return rfc8785.dumps({name: plain(value) for name, value in stated.items()})


def plain(value: Any) -> Any:
    """JSON of a notice's value: times in UTC, requirements and criteria as lists."""
    match value:
        case datetime():
            return iso(value)
        case tuple() | list():
            return [plain(one) for one in value]
        case Requirement():
            return [value.qualification_type, value.level, value.speciality]
        case Criterion():
            return [value.name, value.description, value.weight]
        case PlannedMilestone():
            return [value.title, value.share, value.days]
        case _:
            return value


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
