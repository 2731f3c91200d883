"""The style guide on a local port, under the market's own security headers; no database behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlparse

from markupsafe import Markup

from market.kernel.errors import Message
from market.kernel.i18n import speaking
from market.web.assets import URL, front_end
from market.web.pages import PREFERENCES, Site, environment
from market.web.security import HEADERS
from market.web.viewer import ANONYMOUS

NOW = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)


def page(template: str, query: dict[str, str]) -> str:
    preferences = {name: query.get(name, allowed[0]) for name, allowed in PREFERENCES.items()}
    context: dict[str, Any] = {
        "viewer": ANONYMOUS,
        "now": NOW,
        "soon": NOW + timedelta(days=2, hours=6),
        "locale": preferences["locale"],
        "preferences": preferences,
        "site": Site("明选·网上中介服务超市", True, "370200", "http://127.0.0.1"),
        "flashes": [],
        "values": {},
        "errors": {},
        "hindrance": None,
        "written": (),
        "path": "/",
        "query": query,
        "csrf_field": lambda: Markup('<input type="hidden" name="_csrf" value="token">'),
        "url_with": lambda **changes: "?" + "&".join(f"{name}={value}" for name, value in changes.items()),
        "form_errors": {"title": [Message("Cancel")], "budget": [Message("Cancel")]},
    }
    with speaking(preferences["locale"]):
        return environment().get_template(template).render(context)


class Handler(BaseHTTPRequestHandler):
    """GET / renders the guide, /static/ the build; whatever is posted is received."""

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        address = urlparse(self.path)
        if address.path.startswith(URL):
            file = front_end().files[address.path.removeprefix(URL)]
            self._answer(file.variants[""].read_bytes(), file.content_type.decode())
        elif address.path == "/suggestions":
            self._answer(b'<a href="/one">one suggestion</a>', "text/html")
        else:
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            self._answer(page("styleguide.html", query).encode(), "text/html; charset=utf-8")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self._answer(b"received", "text/html")

    def _answer(self, body: bytes, content_type: str) -> None:
        self.send_response(200)
        for name, value in {**HEADERS, "content-type": content_type, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
