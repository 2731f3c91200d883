"""Keys that follow one another, and private facts that are erased."""

from __future__ import annotations

import httpx
import pytest

from market.demo.world import World
from market.kernel.clock import FixedClock
from market.kernel.db import fetch_value, transaction
from market.register import verifier
from market.register.actions import erase_private, record
from market.register.keys import KeyFolder, KeyMissing, keys_in_force
from market.register.log import checkpoint, keys, waiting
from market.register.notes import NoteInvalid, VerifierKey, verify
from market.register.rotation import KeyNotLost, rotate
from market.register.sequencing import sequence
from market.register.succession import trusted_after
from tests.register.conftest import Act
from tests.register.reading import check_log


async def chain() -> tuple[list[VerifierKey], list[str]]:
    views = await keys()
    return [view.key for view in views], [view.note or "" for view in views[1:]]


async def test_the_old_key_introduces_the_new_one(act: Act, folder: KeyFolder, clock: FixedClock) -> None:
    await act()
    await sequence(now=clock.now())
    await act("still waits when the key changes")
    new = await rotate(folder, now=clock.now())
    (old, found), notes = await chain()
    assert found == new and old.name == new.name
    assert (await waiting()).count == 0
    newest = await checkpoint()
    assert newest is not None
    assert verify(newest.signed, [old]) == (old,), "who knows the old key only can follow"
    assert verify(newest.signed, [new]) == (new,)
    assert trusted_after(old, [old, new], notes) == [old, new]
    await act("after it")
    await sequence(now=clock.now())
    newest = await checkpoint()
    assert newest is not None
    assert verify(newest.signed, [old, new]) == (new,)
    await check_log()


async def test_keys_can_be_followed_through_several_rotations(act: Act, folder: KeyFolder, clock: FixedClock) -> None:
    await act()
    await sequence(now=clock.now())
    for _ in range(3):
        await rotate(folder, now=clock.now())
    known, notes = await chain()
    assert [trusted_after(key, known, notes) for key in known] == [known[place:] for place in range(4)]
    stranger = VerifierKey(known[0].name, known[0].kind, bytes(32))
    for wrong in (
        (stranger, known, notes),
        (known[-1], known[::-1], notes),
        (known[0], known, notes[:-1]),
        (known[0], known, notes[::-1]),
    ):
        with pytest.raises(NoteInvalid):
            trusted_after(*wrong)


async def test_a_lost_key_is_replaced_and_nobody_is_deceived(act: Act, folder: KeyFolder, clock: FixedClock) -> None:
    await act()
    await sequence(now=clock.now())
    with pytest.raises(KeyNotLost):
        await rotate(folder, lost=True, now=clock.now())
    for file in folder.path.glob("*.key"):
        file.unlink()
    with pytest.raises(KeyMissing):
        await rotate(folder, now=clock.now())
    assert len(await keys()) == 1
    new = await rotate(folder, lost=True, now=clock.now())
    (old, _), notes = await chain()
    with pytest.raises(NoteInvalid, match="ask its owner"):
        trusted_after(old, [old, new], notes)
    assert trusted_after(new, [old, new], notes) == [new]
    await check_log()


async def test_a_register_without_a_key_has_none_to_rotate(act: Act, folder: KeyFolder, clock: FixedClock) -> None:
    with pytest.raises(KeyMissing, match="no key to rotate"):
        await rotate(folder, now=clock.now())


async def test_proofs_lead_from_an_old_key_to_the_present_one(world: World, client: httpx.AsyncClient) -> None:
    async with transaction():
        entry_id = await record("project.withdrawn", subject="MX-2026-000003", by="market", data={}, at=world.now)
    await world.settle()
    size = (await checkpoint() or pytest.fail("nothing signed")).size
    await rotate(keys_in_force(), now=world.now)
    (old, new), _ = await chain()
    proof = (await client.get(f"/register/proof/{entry_id}")).content
    for key in (old, new):
        assert not verifier.check(proof, None, verifier.key_of(key.text), []).cautions
    for place in range(len(proof)):
        with pytest.raises(verifier.Refused):
            verifier.check(proof[:place] + bytes([proof[place] ^ 1]) + proof[place + 1 :], None, None, [])
    before = (await client.get(f"/register/proof/{entry_id}?size={size}")).content
    assert verifier.check(before, None, verifier.key_of(old.text), [])
    with pytest.raises(verifier.Refused, match="not signed with the key that you know"):
        verifier.check(before, None, verifier.key_of(new.text), [])


async def test_a_proof_under_a_replaced_key_says_so(world: World, client: httpx.AsyncClient) -> None:
    async with transaction():
        entry_id = await record("project.withdrawn", subject="MX-2026-000003", by="market", data={}, at=world.now)
    await world.settle()
    for file in keys_in_force().path.glob("*.key"):
        file.unlink()
    await rotate(keys_in_force(), lost=True, now=world.now)
    (old, new), _ = await chain()
    proof = (await client.get(f"/register/proof/{entry_id}")).content
    assert "lost key" in "".join(verifier.check(proof, None, None, []).cautions)
    assert not verifier.check(proof, None, verifier.key_of(new.text), []).cautions
    with pytest.raises(verifier.Refused, match="not introduced by the key that you know"):
        verifier.check(proof, None, verifier.key_of(old.text), [])


async def test_erasure_leaves_every_proof_as_it_was(act: Act, clock: FixedClock) -> None:
    entry_id = await act()
    await sequence(now=clock.now())
    before = await checkpoint()
    async with transaction():
        assert await erase_private(entry_id)
        assert not await erase_private(entry_id)
    assert await fetch_value("SELECT count(*) FROM register_private") == 0
    assert await checkpoint() == before
    await check_log()
