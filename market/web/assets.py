"""The built front end: hashed file names, inline icons, and the files themselves under /static/."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import anyio
from litestar import asgi
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send
from markupsafe import Markup

FOLDER = Path(__file__).parent / "static"
URL = "/static/"
FOREVER = b"public, max-age=31536000, immutable"
TYPES = {
    ".css": b"text/css; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".svg": b"image/svg+xml",
    ".png": b"image/png",
    ".txt": b"text/plain; charset=utf-8",
    ".wasm": b"application/wasm",
}
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))


class FrontEndMissing(RuntimeError):
    """The front end has not been built, or not since a template began to use something new."""


@dataclass(frozen=True)
class StaticFile:
    """A file that may be served: its type, and where its content lies in each encoding ("" is the plain one)."""

    content_type: bytes
    variants: Mapping[str, Path]


@dataclass(frozen=True)
class FrontEnd:
    """What the build left behind, read once. Only names found in the folder then can ever be served."""

    names: Mapping[str, str]
    icons: Mapping[str, Markup]
    files: Mapping[str, StaticFile]

    @classmethod
    def read(cls, folder: Path) -> FrontEnd:
        """Raises FrontEndMissing when the folder holds no complete build."""
        try:
            names = json.loads((folder / "manifest.json").read_text("utf-8"))
            shapes = json.loads((folder / "icons.json").read_text("utf-8"))
        except FileNotFoundError as missing:
            raise FrontEndMissing("The front end is not built: run `make setup`.") from missing
        return cls(
            MappingProxyType(names),
            MappingProxyType({name: _svg(shape) for name, shape in shapes.items()}),
            MappingProxyType({path.name: _static_file(path) for path in folder.iterdir() if path.suffix in TYPES}),
        )

    def url(self, name: str) -> str:
        if name not in self.names:
            raise FrontEndMissing(f"The front end has no file {name!r}: run `make setup` again.")
        return URL + self.names[name]

    def icon(self, name: str) -> Markup:
        if name not in self.icons:
            raise FrontEndMissing(f"The front end was built without the icon {name!r}: run `make setup` again.")
        return self.icons[name]


@lru_cache
def front_end() -> FrontEnd:
    return FrontEnd.read(FOLDER)


def asset(name: str) -> str:
    """The address of a built file by its plain name: asset("app.css") -> /static/app-X1Y2.css"""
    return front_end().url(name)


def icon(name: str) -> Markup:
    """An inline, decorative svg: the words beside it carry the meaning."""
    return front_end().icon(name)


def static_route(built: FrontEnd | None = None) -> ASGIRouteHandler:
    """The route for /static/. Names carry their content's hash, so a browser never has to ask twice."""

    @asgi(URL, is_mount=True, copy_scope=True, opt={"public": True})
    async def static(scope: Scope, receive: Receive, send: Send) -> None:
        await serve(built or front_end(), scope, send)

    return static


async def serve(built: FrontEnd, scope: Any, send: Any) -> None:
    """Answers one ASGI request whose path ends in a file name of the build; 404 for every other name or method."""
    file = built.files.get(scope["path"].removeprefix(URL.rstrip("/")).removeprefix("/").rstrip("/"))
    if file is None or scope["method"] not in {"GET", "HEAD"}:
        await _answer(send, 404, [(b"content-type", b"text/plain; charset=utf-8")], b"Not found")
        return
    encoding = _encoding(file, _header(scope, b"accept-encoding"))
    body = await anyio.Path(file.variants[encoding]).read_bytes()
    headers = [(b"content-type", file.content_type), (b"cache-control", FOREVER), (b"vary", b"accept-encoding")]
    if encoding:
        headers.append((b"content-encoding", encoding.encode()))
    headers.append((b"content-length", str(len(body)).encode()))
    await _answer(send, 200, headers, b"" if scope["method"] == "HEAD" else body)


async def _answer(send: Any, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _header(scope: Any, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name), "")


def _encoding(file: StaticFile, accepted: str) -> str:
    """The smallest form that the browser accepts; `q=0` refuses one."""
    wanted: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, _, weight = part.strip().partition(";")
        wanted[name.strip()] = _weight(weight)
    return next((name for name, _ in ENCODINGS if name in file.variants and wanted.get(name, 0) > 0), "")


def _weight(text: str) -> float:
    try:
        return float(text.partition("=")[2]) if text else 1.0
    except ValueError:
        return 0.0


def _static_file(path: Path) -> StaticFile:
    variants = {name: path.with_name(path.name + suffix) for name, suffix in ENCODINGS}
    kept = {name: variant for name, variant in variants.items() if variant.exists()}
    return StaticFile(TYPES[path.suffix], MappingProxyType({"": path, **kept}))


def _svg(shape: Mapping[str, Any]) -> Markup:
    stroke = 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"'
    paint = 'fill="currentColor"' if shape["filled"] else stroke
    head = f'<svg class="icon" viewBox="0 0 24 24" {paint} aria-hidden="true" focusable="false">'
    return Markup(head + shape["body"] + "</svg>")  # noqa: S704  (from the pinned icon package, never from a visitor)
