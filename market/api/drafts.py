"""Drafts through the interface: begun with a key, changed only as they were read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response

from market.accounts.tokens.rules import Scope
from market.api import gate
from market.api.answers import draft_answer
from market.api.bodies import NoticeAnswers
from market.api.idempotency import Answered, Claim
from market.api.reads import Asked, reading
from market.api.sending import as_form, read_body
from market.api.shapes import CheckAnswer, CheckLine
from market.kernel.errors import Message, Refusal
from market.kernel.i18n import N_
from market.register.queries import utc_text
from market.web.context import arrived_at
from market.web.problems import Problem, Unprocessed
from market.web.viewer import require_scope, require_viewer
from projects.posting import actions, queries
from projects.posting.forms import drafted
from projects.posting.queries import Draft

AnyRequest = Request[Any, Any, Any]


def tag_of(draft: Draft) -> str:
    return gate.etag(msgspec.json.encode([str(draft.id), draft.values, draft.number], order="deterministic"))


async def read_draft(request: AnyRequest) -> Response[Any]:
    viewer = require_scope(request, Scope.READ_OWN)
    draft = await queries.access_draft(viewer, request.path_params["draft_id"])
    return gate.read_answer(request, _content(draft), tag=tag_of(draft), private=True)


def _content(draft: Draft) -> bytes:
    return msgspec.json.encode(draft_answer(draft, actions.fingerprint(draft)))


async def begin_draft(request: AnyRequest) -> Response[Any]:
    """The claim's own id is the draft's: whoever asks twice gets the one draft."""
    viewer = require_scope(request, Scope.PROJECTS)
    require_viewer(request, "owner", role="handler")
    raw, body = await read_body(request, NoticeAnswers)

    async def run(held: Claim, entries: list[UUID]) -> tuple[int, bytes]:
        await actions.start_draft(viewer, drafted(as_form(body, {})), now=arrived_at(request), draft_id=held.id)
        return await begun(held)

    async def begun(held: Claim | Answered) -> tuple[int, bytes]:
        return 201, _content(await queries.access_draft(viewer, held.id))

    return await gate.once(request, viewer, "beginDraft", raw, run, lost=begun)


async def change_draft(request: AnyRequest) -> Response[Any]:
    viewer = require_scope(request, Scope.PROJECTS)
    require_viewer(request, "owner", role="handler")
    _, body = await read_body(request, NoticeAnswers)
    draft = await _as_read(request)
    try:
        await actions.save_draft(
            viewer, draft.id, drafted(as_form(body, {})), now=arrived_at(request), seen=draft.values
        )
    except Refusal as refusal:
        if refusal.code == "draft.changed":
            raise Unprocessed(_changed()) from refusal
        raise
    saved = await queries.access_draft(viewer, draft.id)
    return Response(_content(saved), media_type=gate.JSON, headers={**gate.VARY, "etag": tag_of(saved)})


async def discard_draft(request: AnyRequest) -> Response[Any]:
    viewer = require_scope(request, Scope.PROJECTS)
    require_viewer(request, "owner", role="handler")
    draft = await _as_read(request)
    await actions.discard_draft(viewer, draft.id)
    return Response(None, status_code=204, headers=gate.VARY)


async def _as_read(request: AnyRequest) -> Draft:
    """The draft, if it still is what the program read. Raises Unprocessed: 428 without If-Match, 412 where it differs."""
    wanted = request.headers.get("if-match", "").strip()
    draft = await queries.access_draft(require_scope(request, Scope.PROJECTS), request.path_params["draft_id"])
    if not wanted:
        raise Unprocessed(Problem(
            428, "draft.condition_needed", Message(N_("This needs the header If-Match with the ETag of the draft as you read it.")),
            Message(N_("Read the draft; its answer carries the ETag.")),
        ))  # fmt: skip
    if draft.published_at is not None:
        raise actions.already_published(draft)
    if wanted != "*" and tag_of(draft) not in [one.strip() for one in wanted.split(",")]:
        raise Unprocessed(_changed())
    return draft


def _changed() -> Problem:
    return Problem(
        412, "draft.changed", Message(N_("Somebody else has changed the draft since you read it.")),
        Message(N_("Read it again, and send your change with the new version.")),
    )  # fmt: skip


@reading(
    "/drafts/{draft_id:uuid}/check",
    N_("What publication would say of a draft"),
    N_("Your organisation"),
    CheckAnswer,
    own=True,
)
async def check_draft(asked: Asked) -> Any:
    """Mistakes as 422, as publication would find them; the draft's fingerprint where there are none."""
    from market.kernel.i18n import speaking
    from market.web.pages import locale_of
    from projects.posting.answers import parse
    from projects.posting.routes.draft_pages import books_now
    from projects.posting.views.draft import finding_items

    draft = await queries.access_draft(asked.viewer, asked.places["draft_id"])
    books = await books_now(asked.request, str(draft.values.get("region_code") or ""))
    notice = parse(draft.values, books.catalogue, now=asked.now)
    findings = await actions.findings_for(notice, draft.owner_id, books, now=asked.now, repost_of=draft.repost_of)
    with speaking(locale_of(asked.request)):
        items = finding_items(findings)
    return CheckAnswer(
        actions.fingerprint(draft), utc_text(asked.now), [CheckLine(**item) for item in items],
        publishable=all(one.outcome != "refused" for one in findings),
    )  # fmt: skip
