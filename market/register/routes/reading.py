"""The log as files: checkpoint, tiles, entries, proofs. What never changes may be kept by anybody for ever."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import MediaType, Response, get
from litestar.params import FromPath, FromQuery, Parameter, QueryParameter

from market.kernel.errors import NotFound
from market.register import log
from market.register.merkle import ProofInvalid
from market.register.proofs import NotSequenced, consistency_proof, inclusion_proof, tlog_proof
from market.register.tiles import WIDTH, parse_path

FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}
A_DAY = {"cache-control": "public, max-age=86400"}
PLAIN = "text/plain"
Size = FromQuery[Annotated[int | None, Parameter(ge=1, le=2**62)]]


def _error(status: int, text: str) -> Response[Any]:
    return Response({"error": text}, status_code=status, headers={"cache-control": "no-store"})


@get("/register/checkpoint")
async def checkpoint(size: Size = None) -> Response[str]:
    """The newest checkpoint, or the one of that size, as a signed note with the cosignatures that came in."""
    found = await log.checkpoint(size)
    if found is None:
        raise NotFound
    return Response(found.text, media_type=PLAIN)


@get("/register/tile/{path:path}")
async def tile(path: FromPath[str]) -> Response[bytes]:
    """Hashes and entries in the paths of C2SP tlog-tiles."""
    wanted = parse_path(path.lstrip("/"))
    if wanted is None:
        raise NotFound
    content = await log.tile_content(wanted)
    return Response(content, media_type="application/octet-stream", headers=FOR_EVER if wanted.full else A_DAY)


@get("/register/entries")
async def entries(start: Annotated[int, QueryParameter(name="from", ge=0, le=2**62)] = 0) -> Response[bytes]:
    """Up to 256 entries in the order of the log; `next` is where to go on, null at its end."""
    found = await log.entries_from(start, WIDTH)
    listed = b",".join(b'{"index":%d,"entry":%s}' % (leaf, entry.canonical()) for leaf, entry in found)
    following = b"%d" % (start + WIDTH) if len(found) == WIDTH else b"null"
    headers = FOR_EVER if len(found) == WIDTH else {"cache-control": "no-store"}
    return Response(
        b'{"entries":[%s],"from":%d,"next":%s}' % (listed, start, following), media_type=MediaType.JSON, headers=headers
    )


@get("/register/proof/{entry_id:uuid}")
async def proof(entry_id: FromPath[UUID], size: Size = None) -> Response[Any]:
    """Everything needed to check one entry, in one file."""
    try:
        return Response(await inclusion_proof(entry_id, size), media_type=MediaType.JSON)
    except NotSequenced:
        return _error(425, "this entry was recorded a moment ago; its proof is there within seconds")


@get("/register/proof/{entry_id:uuid}/tlog-proof")
async def proof_for_tools(entry_id: FromPath[UUID]) -> Response[Any]:
    """The same as C2SP tlog-proof; the entry itself is at /register/entries/{id}/entry.json."""
    try:
        return Response(await tlog_proof(entry_id), media_type=PLAIN)
    except NotSequenced:
        return _error(425, "this entry was recorded a moment ago; its proof is there within seconds")


@get("/register/consistency")
async def consistency(
    old: Annotated[int, QueryParameter(name="from", ge=0, le=2**62)],
    new: Annotated[int | None, QueryParameter(name="to", ge=0, le=2**62)] = None,
) -> Response[Any]:
    """That the log of `to` entries (the newest, if not said) begins with the log of `from` entries."""
    newest = await log.checkpoint()
    try:
        return Response(
            await consistency_proof(old, newest.size if new is None and newest else new or 0), media_type=MediaType.JSON
        )
    except ProofInvalid as problem:
        return _error(400, str(problem))


@get("/register/keys")
async def keys() -> Response[Any]:
    """The register's keys from the first to the present one, how each followed the last, and who cosigns."""
    found = await log.keys()
    witnesses = [{"key": view.key.text, "title": view.title} for view in await log.witnesses()]
    return Response({
        "keys": [view.key.text for view in found], "successions": [view.note for view in found[1:]], "witnesses": witnesses,
    })  # fmt: skip


routes: list[Any] = [checkpoint, tile, entries, proof, proof_for_tools, consistency, keys]
