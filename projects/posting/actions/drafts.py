"""Drafts: saved forms with their documents."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import rfc8785

from market.catalogue import queries as catalogue_queries
from market.kernel.db import execute, fetch, fetch_one, to_json, transaction
from market.kernel.errors import Refusal
from market.kernel.files import StoredFile
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.web.viewer import Viewer
from projects.actions import stage_moved
from projects.posting import queries
from projects.posting.answers import need_values, values_of
from projects.posting.queries import Draft, published_notice
from projects.queries import access_own_project
from projects.rules import Stage


async def start_draft(
    viewer: Viewer,
    values: Mapping[str, Any],
    *,
    now: datetime,
    repost_of: UUID | None = None,
    draft_id: UUID | None = None,
) -> UUID:
    """A new draft of the viewer's organisation; returns its id. Whoever names `draft_id` may ask twice for the same one."""
    draft_id = draft_id or new_id()
    async with transaction():
        await execute(
            'INSERT INTO project_draft (id, owner_id, "values", repost_of, updated_by, updated_at) VALUES ($1,$2,$3,$4,$5,$6)'
            " ON CONFLICT (id) DO NOTHING",
            draft_id, viewer.organisation_id, to_json(dict(values)), repost_of, viewer.person_id, now,
        )  # fmt: skip
    return draft_id


async def save_draft(
    viewer: Viewer, draft_id: UUID, values: Mapping[str, Any], *, now: datetime, seen: Mapping[str, Any] | None = None
) -> None:
    """Keeps what was typed, however unfinished; the files of the draft stay as they are. `seen`: what stood there before,
    where nothing else may be overwritten."""
    async with transaction():
        saved = await execute(
            'UPDATE project_draft SET "values" = $3::jsonb || CASE WHEN "values" ? \'files\''
            " THEN jsonb_build_object('files', \"values\"->'files') ELSE '{}'::jsonb END, updated_by = $4, updated_at = $5"
            " WHERE id = $1 AND owner_id = $2 AND published_at IS NULL AND ($6::jsonb IS NULL OR \"values\" = $6::jsonb)",
            draft_id, viewer.organisation_id, to_json(dict(values)), viewer.person_id, now,
            None if seen is None else to_json(dict(seen)),
        )  # fmt: skip
        if not saved:
            why = await _why_not_saved(viewer, draft_id)
            raise why if seen is None or why.code == "posting.already_published" else _changed()


def _changed() -> Refusal:
    return Refusal(
        "draft.changed", N_("Somebody else has changed the draft since you read it."),
        todo=N_("Read it again, and send your change with the new version."),
    )  # fmt: skip


async def discard_draft(viewer: Viewer, draft_id: UUID) -> None:
    async with transaction():
        gone = await execute(
            "DELETE FROM project_draft WHERE id = $1 AND owner_id = $2 AND published_at IS NULL",
            draft_id,
            viewer.organisation_id,
        )
        if not gone:
            raise await _why_not_saved(viewer, draft_id)


async def attach_file(viewer: Viewer, draft_id: UUID, file: StoredFile, label: str, *, now: datetime) -> None:
    """Adds a stored file to the draft's documents, which become public with the notice."""
    async with transaction():
        added = await execute(
            "UPDATE project_draft SET \"values\" = jsonb_set(\"values\", '{files}', coalesce(\"values\"->'files', '[]') || $3::jsonb),"
            " updated_by = $4, updated_at = $5 WHERE id = $1 AND owner_id = $2 AND published_at IS NULL"
            " AND coalesce(jsonb_array_length(\"values\"->'files'), 0) < 10",
            draft_id, viewer.organisation_id, to_json([{"id": str(file.id), "label": label}]), viewer.person_id, now,
        )  # fmt: skip
        if not added:
            raise await _why_not_saved(viewer, draft_id)


async def detach_file(viewer: Viewer, draft_id: UUID, file_id: UUID, *, now: datetime) -> None:
    async with transaction():
        taken = await execute(
            "UPDATE project_draft SET \"values\" = jsonb_set(\"values\", '{files}', (SELECT coalesce(jsonb_agg(one), '[]')"
            " FROM jsonb_array_elements(coalesce(\"values\"->'files', '[]')) one WHERE one->>'id' <> $3)),"
            " updated_by = $4, updated_at = $5 WHERE id = $1 AND owner_id = $2 AND published_at IS NULL",
            draft_id, viewer.organisation_id, str(file_id), viewer.person_id, now,
        )  # fmt: skip
        if not taken:
            raise await _why_not_saved(viewer, draft_id)


async def _why_not_saved(viewer: Viewer, draft_id: UUID) -> Refusal:
    draft = await queries.access_draft(viewer, draft_id)
    if draft.published_at is None:
        return Refusal(
            "posting.too_many_files", N_("A notice has at most 10 documents."), todo=N_("Put several into one archive.")
        )
    return already_published(draft)


def already_published(draft: Draft) -> Refusal:
    return Refusal(
        "posting.already_published", N_("This draft was published as {number}; a published notice is changed by amendment only."),
        todo=N_("Open the project and choose “amend”."), number=draft.number or "",
    )  # fmt: skip


def fingerprint(draft: Draft) -> str:
    """What the signatory saw on the check page: publishing anything else is refused."""
    return hashlib.sha256(rfc8785.dumps(dict(draft.values))).hexdigest()


async def repost(viewer: Viewer, number: str, *, now: datetime) -> UUID:
    """A new draft with everything that a failed project said; the closing time has to be chosen anew."""
    project = await access_own_project(viewer, number)
    if project.stage is not Stage.FAILED:
        raise stage_moved()
    row = await fetch_one(
        "SELECT id FROM project_draft WHERE repost_of = $1 AND published_at IS NULL LIMIT 1", project.id
    )
    if row:
        found: UUID = row["id"]
        return found
    notice = await published_notice(project.id)
    catalogue = await catalogue_queries.catalogue(project.catalogue_version)
    values = values_of(notice) | need_values(notice, catalogue) | {"sign_up_closes_at": "", "not_excluded": ""}
    values["files"] = await _files_of(project.id)
    return await start_draft(viewer, values, now=now, repost_of=project.id)


async def _files_of(project_id: UUID) -> Sequence[dict[str, str]]:
    rows = await fetch("SELECT file_id, label FROM project_file WHERE project_id = $1 ORDER BY label", project_id)
    return [{"id": str(row["file_id"]), "label": row["label"]} for row in rows]
