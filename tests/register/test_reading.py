"""The log over HTTP: files as C2SP tlog-tiles serves them, proofs, and what people see."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from market.demo.world import World
from market.kernel.db import execute, fetch_value
from market.register.log import checkpoint, keys
from market.register.merkle import check_consistency, check_inclusion, leaf_hash
from market.register.notes import Checkpoint, parse_note, verify
from market.register.proofs import placed
from market.register.queries import entries as newest_entries
from market.register.tiles import Tile, parse_path
from tests.register import naive
from tests.register.reading import leaves
from tests.register.test_sequencing import INSERT


async def grow(world: World, count: int) -> None:
    await execute(
        "INSERT INTO register_entry (id, at, kind, subject, by, data) SELECT gen_random_uuid(), $2::timestamptz,"
        " 'project.withdrawn', 'MX-2026-000002', 'market', jsonb_build_object('reason', n) FROM generate_series(1, $1::int) AS n",
        count, world.now,
    )  # fmt: skip
    await world.settle()


@pytest.fixture
async def size(world: World) -> int:
    """More than two full tiles of leaves."""
    await grow(world, 700)
    found: int = await fetch_value("SELECT count(*) FROM register_leaf")
    return found


def unbundled(data: bytes) -> list[bytes]:
    found = []
    while data:
        length = int.from_bytes(data[:2], "big")
        found.append(data[2 : 2 + length])
        data = data[2 + length :]
    return found


async def test_the_checkpoint(size: int, client: httpx.AsyncClient) -> None:
    answer = await client.get("/register/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    note = parse_note(answer.text)
    assert verify(note, [(await keys())[-1].key])
    assert Checkpoint.parse(note.text) == Checkpoint("127.0.0.1:8000/register", size, naive.root(await leaves()))
    assert (await client.get(f"/register/checkpoint?size={size}")).text == answer.text
    assert (await client.get(f"/register/checkpoint?size={size + 1}")).status_code == 404
    assert (await client.get("/register/checkpoint?size=0")).status_code == 400


async def test_tiles_rebuild_the_tree(size: int, client: httpx.AsyncClient) -> None:
    held = await leaves()
    data = b""
    for no in range(size // 256):
        answer = await client.get(f"/register/tile/0/{no:03}")
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"] == "application/octet-stream"
        assert len(answer.content) == 8192
        data += answer.content
    rest = await client.get(f"/register/tile/0/{size // 256:03}.p/{size % 256}")
    assert "immutable" not in rest.headers["cache-control"]
    data += rest.content
    assert data == b"".join(leaf_hash(leaf) for leaf in held)
    above = await client.get(f"/register/tile/1/000.p/{size // 256}")
    assert above.content == b"".join(naive.root(held[no * 256 : no * 256 + 256]) for no in range(size // 256))


async def test_bundles_hold_the_entries(size: int, client: httpx.AsyncClient) -> None:
    held = await leaves()
    full = await client.get("/register/tile/entries/001")
    assert unbundled(full.content) == held[256:512]
    assert "immutable" in full.headers["cache-control"]
    assert unbundled((await client.get("/register/tile/entries/002.p/3")).content) == held[512:515]


NO_TILES = (
    "0/003", "0/002.p/256", "0/002.p/0", "0/002.p/01", "0/0", "0/00", "0/x000/001", "00/001", "1/000", "1/000.p/3", "2/000.p/1",
    "8/000.p/1", "63/000", "64/000", "entries/003", "entries/", "0/001.p", "0/001.p/", "0/-01", "0/999",
    "0/x999/999", "x/000", "0/0\u0661\u0661", "0/" + "x999/" * 20 + "999", "", "0", "checkpoint", "0/001.p/5.p/5",
)  # fmt: skip


async def test_there_is_no_other_tile(size: int, client: httpx.AsyncClient) -> None:
    answers = {path: (await client.get(f"/register/tile/{path}")).status_code for path in NO_TILES}
    assert answers == dict.fromkeys(NO_TILES, 404)


def test_large_numbers_are_cut_into_groups() -> None:
    assert Tile(0, 1234067, 256).path == "0/x001/x234/067"
    assert parse_path("entries/x001/x234/067.p/12") == Tile(None, 1234067, 12)


async def test_entries_page_by_page(size: int, client: httpx.AsyncClient) -> None:
    found: list[Any] = []
    following: int | None = 0
    while following is not None:
        page = (await client.get(f"/register/entries?from={following}")).json()
        found += page["entries"]
        following = page["next"]
    assert [one["index"] for one in found] == list(range(size))
    assert [one["entry"] for one in found] == [json.loads(leaf) for leaf in await leaves()]
    assert (await client.get("/register/entries?from=99999")).json() == {"entries": [], "from": 99999, "next": None}
    assert (await client.get("/register/entries?from=-1")).status_code == 400


async def test_a_proof_stands_alone(size: int, client: httpx.AsyncClient) -> None:
    entry = (await newest_entries(None, limit=1))[0]
    proof = (await client.get(f"/register/proof/{entry.id}")).json()
    note = parse_note(proof["checkpoint"])
    tree = Checkpoint.parse(note.text)
    path = [bytes.fromhex(part) for part in proof["path"]]
    assert proof["entry"].encode() == entry.canonical()
    check_inclusion(leaf_hash(entry.canonical()), proof["index"], tree.size, path, tree.root)
    assert proof["keys"] == [(await keys())[0].key.text]


async def test_a_proof_for_other_tools(size: int, client: httpx.AsyncClient) -> None:
    entry = (await newest_entries(None, limit=1))[0]
    answer = await client.get(f"/register/proof/{entry.id}/tlog-proof")
    head, _, note = answer.text.partition("\n\n")
    assert head.split("\n")[:2] == ["c2sp.org/tlog-proof@v1", f"index {size - 1}"]
    assert verify(parse_note(note), [(await keys())[-1].key])


async def test_a_proof_for_an_older_checkpoint(size: int, world: World, client: httpx.AsyncClient) -> None:
    entry = (await newest_entries(None, limit=1))[0]
    await grow(world, 5)
    old, new = f"/register/proof/{entry.id}?size={size}", f"/register/proof/{entry.id}"
    assert Checkpoint.parse(parse_note((await client.get(old)).json()["checkpoint"]).text).size == size
    assert Checkpoint.parse(parse_note((await client.get(new)).json()["checkpoint"]).text).size == size + 5
    last = (await newest_entries(None, limit=1))[0]
    assert (await client.get(f"/register/proof/{last.id}?size={size}")).status_code == 404, "it was not there yet"


async def test_an_entry_that_waits_has_no_proof_yet(size: int, client: httpx.AsyncClient) -> None:
    entry_id = await fetch_value(f"{INSERT} RETURNING id")
    for path in (f"/register/proof/{entry_id}", f"/register/proof/{entry_id}/tlog-proof"):
        answer = await client.get(path)
        assert answer.status_code == 425
        assert answer.headers["cache-control"] == "no-store"
    assert (await client.get(f"/register/entries/{entry_id}")).status_code == 200
    assert (await client.get("/register/proof/019f0000-0000-7000-8000-000000000000")).status_code == 404


async def test_consistency(size: int, world: World, client: httpx.AsyncClient) -> None:
    before = await checkpoint()
    await grow(world, 300)
    after = await checkpoint()
    assert before is not None and after is not None
    proof = (await client.get(f"/register/consistency?from={before.size}")).json()
    path = [bytes.fromhex(part) for part in proof["path"]]
    check_consistency(before.size, before.root, after.size, after.root, path)
    assert proof["to"] == after.size


NO_CONSISTENCY = {
    "from=0": 400, "from=0&to=5": 400, "from=5&to=3": 400, "from=99999&to=99999": 404, "from=1&to=99999": 404, "": 400,
    "from=x": 400, "from=-1": 400, "from=1&to=2": 404,
}  # fmt: skip


async def test_what_cannot_be_proved_is_refused(size: int, client: httpx.AsyncClient) -> None:
    answers = {query: (await client.get(f"/register/consistency?{query}")).status_code for query in NO_CONSISTENCY}
    assert answers == NO_CONSISTENCY


async def test_the_page_of_an_entry_says_where_it_stands(size: int, client: httpx.AsyncClient) -> None:
    entry = (await newest_entries(None, limit=1))[0]
    page = (await client.get(f"/register/entries/{entry.id}")).text
    assert f'href="/register/proof/{entry.id}"' in page
    assert (await keys())[0].key.text.replace("+", "&#43;") in page or (await keys())[0].key.text in page
    assert 'class="seal"' in page


async def test_the_page_shows_no_seal_for_an_entry_that_was_changed(size: int, client: httpx.AsyncClient) -> None:
    entry = (await newest_entries(None, limit=1))[0]
    await execute("ALTER TABLE register_entry DISABLE TRIGGER register_entry_only_grows")
    await execute('UPDATE register_entry SET data = \'{"reason": "another"}\' WHERE id = $1', entry.id)
    changed = (await newest_entries(None, limit=1))[0]
    place = await placed(changed)
    assert place is not None and not place.proved
    assert 'class="seal"' not in (await client.get(f"/register/entries/{entry.id}")).text


async def test_the_list_by_subject(size: int, client: httpx.AsyncClient) -> None:
    page = (await client.get("/register?subject=MX-2026-000002&kind=project.withdrawn")).text
    assert page.count("<tr") == 51
    assert "MX-2026-000002" in page
    assert (await client.get("/register?subject=nothing")).text.count("<tr") == 0


async def test_how_to_check(size: int, client: httpx.AsyncClient) -> None:
    page = await client.get("/register/check")
    assert page.status_code == 200
    program = await client.get("/register/verifier.py")
    assert program.headers["content-type"].startswith("text/x-python")
    assert "def check_inclusion" in program.text


async def test_a_register_that_has_signed_nothing_yet(site: object, client: httpx.AsyncClient) -> None:
    for path in ("/register", "/register/check", "/register/entries", "/register/keys"):
        assert (await client.get(path)).status_code == 200
    for path in ("/register/checkpoint", "/register/tile/0/000"):
        assert (await client.get(path)).status_code == 404
