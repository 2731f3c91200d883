"""After an act: redirect, with a one-time message on the next page (in a signed cookie; the server keeps no state)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from typing import Any

from litestar import Request, Response
from litestar.response import Redirect

from market.web.security import set_cookie

FLASH_COOKIE = "mx_flash"
# Browsers drop control characters and read a backslash as a slash, so "/\t/evil.example" would lead away.
_OWN_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*")


def is_own_path(url: str) -> bool:
    """A path on this site, with its query if it has one; nothing that a browser could take for another site."""
    return _OWN_PATH.fullmatch(url) is not None


def redirect(
    request: Request[Any, Any, Any], url: str, *, notice: str | None = None, tone: str = "success", **facts: Any
) -> Response[Any]:
    """303 to a page of ours; `notice` is a message id shown once there, its facts are plain strings or numbers."""
    if not is_own_path(url):
        raise ValueError("we redirect to our own pages only")
    if notice:
        flash(request, notice, tone=tone, **facts)
    return Redirect(url, status_code=303)


def flash(request: Request[Any, Any, Any], notice: str, *, tone: str = "success", **facts: Any) -> None:
    body = base64.urlsafe_b64encode(json.dumps({"text": notice, "tone": tone, "facts": facts}).encode()).decode()
    set_cookie(request, FLASH_COOKIE, f"{body}.{_signature(request, body)}", max_age=60)


def take_flashes(request: Request[Any, Any, Any]) -> list[dict[str, Any]]:
    """The message for this page, if any; shown once."""
    body, _, signature = request.scope["state"].get("cookies", {}).get(FLASH_COOKIE, "").rpartition(".")
    if not body or not hmac.compare_digest(signature, _signature(request, body)):
        return []
    set_cookie(request, FLASH_COOKIE, "", max_age=0)
    return [json.loads(base64.urlsafe_b64decode(body))]


def _signature(request: Request[Any, Any, Any], body: str) -> str:
    key: str = request.app.state.running.settings.secret_key.reveal()
    return hmac.new(key.encode(), f"flash|{body}".encode(), hashlib.sha256).hexdigest()[:32]
