"""Files of users leave the site in one way only: saved under their own name, never shown by the browser within it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.response import Stream

from market.kernel.files import StoredFile, content_of
from market.web.context import running
from market.web.security import CONTENT_POLICY


async def download(request: Request[Any, Any, Any], file: StoredFile) -> Stream:
    """Raises Refusal where the storage does not give the file, before an answer has begun."""
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "content-length": str(file.size),
        "content-security-policy": f"{CONTENT_POLICY}; sandbox",  # for browsers that show it all the same
    }
    return Stream(await content_of(running(request).files, file), media_type=file.media_type, headers=headers)


def pdf_response(content: bytes, name: str) -> Response[bytes]:
    """A document that the site itself made; saved under `name`."""
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, media_type="application/pdf", headers=headers)


def csv_response(content: bytes, name: str) -> Response[bytes]:
    """A table that the site itself made (market.kernel.spreadsheets)."""
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


async def download_opened(
    request: Request[Any, Any, Any], file: StoredFile, decrypt: Callable[[bytes], tuple[str, bytes]]
) -> Response[bytes]:
    """A file that is stored encrypted. `decrypt` gives its name and content; of what type it is nobody has checked, so
    browsers are told to save it as bytes."""
    name, content = decrypt(b"".join([piece async for piece in await content_of(running(request).files, file)]))
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "content-security-policy": f"{CONTENT_POLICY}; sandbox",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)
