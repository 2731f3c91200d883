"""The built front end: names, icons, and how files are served. A small build is written to disk for each test."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from market.web import assets
from market.web.assets import FrontEnd, FrontEndMissing, serve

ROOT = Path(__file__).resolve().parents[2]
STYLE = b"body{color:black}"
STAR = {"filled": False, "body": '<path d="M0 0h24"/>'}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A complete build, and a secret beside it that must stay out of reach."""
    built = tmp_path / "static"
    built.mkdir()
    (tmp_path / "secret.css").write_text("secret")
    (built / "manifest.json").write_text(json.dumps({"app.css": "app-1A2B.css", "site.js": "site-3C4D.js"}))
    (built / "icons.json").write_text(json.dumps({"star": STAR, "star-filled": STAR | {"filled": True}}))
    (built / "app-1A2B.css").write_bytes(STYLE)
    (built / "app-1A2B.css.br").write_bytes(b"as brotli")
    (built / "app-1A2B.css.gz").write_bytes(gzip.compress(STYLE))
    (built / "site-3C4D.js").write_text("export {}")
    return built


@pytest.fixture
def ask(folder: Path) -> Callable[..., Any]:
    built = FrontEnd.read(folder)

    async def ask(path: str, accept: str = "", method: str = "GET") -> tuple[int, dict[str, str], bytes]:
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {"type": "http", "method": method, "path": path, "headers": [(b"Accept-Encoding", accept.encode())]}
        await serve(built, scope, send)
        headers = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
        return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent)

    return ask


def test_plain_names_become_hashed_addresses(folder: Path) -> None:
    assert FrontEnd.read(folder).url("app.css") == "/static/app-1A2B.css"


def test_unknown_names_and_icons_say_what_to_run(folder: Path) -> None:
    built = FrontEnd.read(folder)
    with pytest.raises(FrontEndMissing, match="make setup"):
        built.url("absent.css")
    with pytest.raises(FrontEndMissing, match="absent"):
        built.icon("absent")


def test_a_missing_build_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(FrontEndMissing, match="make setup"):
        FrontEnd.read(tmp_path)


def test_icons_are_decorative_markup(folder: Path) -> None:
    built = FrontEnd.read(folder)
    assert built.icon("star").startswith('<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor"')
    assert 'aria-hidden="true"' in built.icon("star")
    assert 'fill="currentColor"' in built.icon("star-filled")


@pytest.mark.anyio
async def test_a_hashed_file_is_kept_forever(ask: Callable[..., Any]) -> None:
    status, headers, body = await ask("/static/app-1A2B.css")
    assert (status, body) == (200, STYLE)
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["content-type"] == "text/css; charset=utf-8"
    assert headers["content-length"] == str(len(STYLE))
    assert "content-encoding" not in headers


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("GZIP;q=1.0", "gzip"),
        ("gzip;q=nonsense", None),
        ("identity", None),
    ],
)
async def test_the_smallest_accepted_form_is_sent(ask: Callable[..., Any], accept: str, encoding: str | None) -> None:
    status, headers, body = await ask("/static/app-1A2B.css", accept)
    assert status == 200
    assert headers.get("content-encoding") == encoding
    assert body == {"br": b"as brotli", None: STYLE}.get(encoding, body)
    assert headers["vary"] == "accept-encoding"


@pytest.mark.anyio
async def test_a_file_without_compressed_siblings_is_sent_plain(ask: Callable[..., Any]) -> None:
    status, headers, _ = await ask("/static/site-3C4D.js", "br, gzip")
    assert (status, headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert "content-encoding" not in headers


@pytest.mark.anyio
async def test_head_has_the_headers_and_no_body(ask: Callable[..., Any]) -> None:
    status, headers, body = await ask("/static/app-1A2B.css", method="HEAD")
    assert (status, headers["content-length"], body) == (200, str(len(STYLE)), b"")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/absent.css",
        "/static/../secret.css",
        "/static/..%2fsecret.css",
        "/static//etc/passwd",
        "/static/app-1A2B.css/../../secret.css",
        "/static/app-1A2B.css\x00",
        "/static/manifest.json",
        "/static/app-1A2B.css.br",
    ],
)
async def test_nothing_else_can_be_reached(ask: Callable[..., Any], path: str) -> None:
    status, _, body = await ask(path)
    assert status == 404
    assert b"secret" not in body


@pytest.mark.anyio
async def test_files_cannot_be_posted_to(ask: Callable[..., Any]) -> None:
    assert (await ask("/static/app-1A2B.css", method="POST"))[0] == 404


def test_both_dark_token_sets_are_equal() -> None:
    css = (ROOT / "frontend/css/tokens.css").read_text("utf-8")
    switched = re.search(r'\[data-theme="dark"\] \{(.*?)\}', css, re.S)
    by_system = re.search(r'\[data-theme="auto"\] \{(.*?)\}', css, re.S)
    assert switched and by_system
    assert switched[1].split() == by_system[1].split()


def test_vermilion_colours_the_seal_alone() -> None:
    folder = ROOT / "frontend/css"
    users = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.css")
        if "--vermilion" in path.read_text("utf-8")
    }
    assert users == {"tokens.css", "print.css", "components/seal.css", "modules/styleguide.css"}


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((ROOT / "frontend/package-lock.json").read_text("utf-8"))["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]


@pytest.mark.skipif(not (assets.FOLDER / "manifest.json").exists(), reason="the front end is not built")
def test_the_real_build_has_what_the_layout_asks_for() -> None:
    built = assets.front_end()
    for name in ("app.css", "site.js", "charts.js", "icon.svg"):
        file = built.files[built.names[name]]
        assert set(file.variants) == {"", "br", "gzip"}
    assert len(built.files[built.names["app.css"]].variants["gzip"].read_bytes()) < 40_000
