from __future__ import annotations

import stat
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.register.keys import KeyFileUnsafe, KeyFolder, KeyMissing, new_key, read_key, write_key
from market.register.notes import (
    Checkpoint,
    Kind,
    NoteInvalid,
    SigningKey,
    VerifierKey,
    parse_note,
    sign_note,
    verify,
)

# The example of Go's note package, which first wrote this format.
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
NEUMANN_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
LOG = SigningKey.from_seed("market.example/register", Kind.LOG, bytes(range(32)))
WITNESS = SigningKey.from_seed("witness.example/w1", Kind.WITNESS, bytes(range(1, 33)))
CHECKPOINT = Checkpoint("market.example/register", 5, bytes(range(32)))


def test_the_format_of_go() -> None:
    key = SigningKey.parse(NEUMANN_PRIVATE)
    assert key.verifier == VerifierKey.parse(NEUMANN)
    assert (key.text, key.verifier.text) == (NEUMANN_PRIVATE, NEUMANN)
    note = parse_note(NEUMANN_NOTE)
    assert verify(note, [key.verifier]) == (key.verifier,)
    assert str(sign_note(note.text, key)) == str(note) == NEUMANN_NOTE


def test_a_checkpoint_and_its_witness() -> None:
    note = sign_note(CHECKPOINT.text, LOG)
    both = parse_note(str(note.with_signatures([WITNESS.sign(note.text, time=1_700_000_000)])))
    assert verify(both, [LOG.verifier, WITNESS.verifier]) == (LOG.verifier, WITNESS.verifier)
    assert Checkpoint.parse(both.text) == CHECKPOINT
    assert both.signatures[1].time == 1_700_000_000
    assert len(both.signatures[1].blob) == 72


def test_a_witness_signs_with_its_time() -> None:
    signature = WITNESS.sign(CHECKPOINT.text, time=1_700_000_000)
    later = signature.blob[:7] + bytes([signature.blob[7] ^ 1]) + signature.blob[8:]
    assert WITNESS.verifier.accepts(CHECKPOINT.text, signature)
    assert not WITNESS.verifier.accepts(CHECKPOINT.text, type(signature)(signature.name, signature.key_id, later))
    with pytest.raises(ValueError, match="with a time"):
        WITNESS.sign(CHECKPOINT.text)
    with pytest.raises(ValueError, match="with a time"):
        LOG.sign(CHECKPOINT.text, time=1)


def test_the_same_key_means_different_things_as_log_and_as_witness() -> None:
    twin = SigningKey.from_seed(LOG.verifier.name, Kind.WITNESS, LOG.seed)
    assert twin.verifier.public == LOG.verifier.public
    assert twin.verifier.id != LOG.verifier.id


@given(st.data())
def test_no_changed_character_is_signed(data: st.DataObject) -> None:
    good = str(sign_note(CHECKPOINT.text, LOG))
    place = data.draw(st.integers(0, len(good) - 1))
    other = data.draw(st.characters().filter(lambda sign: sign != good[place]))
    with pytest.raises(NoteInvalid):
        verify(parse_note(good[:place] + other + good[place + 1 :]), [LOG.verifier])


@given(st.text())
def test_any_text_is_a_note_or_is_refused(text: str) -> None:
    with suppress(NoteInvalid):
        assert str(parse_note(text)) == text


SIGNED = str(sign_note(CHECKPOINT.text, LOG))


@pytest.mark.parametrize("bad", [
    "", "\n", "text\n", "text\n\n", "\n\u2014 a AAAAAAA=\n", SIGNED[:-1], SIGNED + "\n", SIGNED.replace("\n", "\r\n"),
    SIGNED.replace("\u2014", "-"), SIGNED.replace("\u2014 ", "\u2014  "), SIGNED + "\u2014 a+b AAAAAAA=\n",
    SIGNED + "\u2014 a AAAA\n", SIGNED + "\u2014 a AAAAAAA\n", SIGNED + "\u2014 a AAAAAAB=\n", SIGNED + "\u2014 a  AAAAAAA=\n",
    "\ud800\n\n\u2014 a AAAAAAA=\n", "a\x00\n\n\u2014 a AAAAAAA=\n", "x" * 70_000 + "\n\n\u2014 a AAAAAAA=\n",
    "a\n\n" + "\u2014 a AAAAAAA=\n" * 101,
])  # fmt: skip
def test_what_is_no_note(bad: str) -> None:
    with pytest.raises(NoteInvalid):
        verify(parse_note(bad), [LOG.verifier])


def test_a_note_may_hold_empty_lines() -> None:
    text = "one\n\ntwo\n\n\u2014 not a signature\n"
    assert parse_note(str(sign_note(text, LOG))).text == text


def test_signatures_of_strangers_are_ignored_and_wrong_ones_of_friends_are_not() -> None:
    note = sign_note(CHECKPOINT.text, LOG)
    stranger = SigningKey.from_seed("stranger.example", Kind.LOG, bytes(32))
    assert verify(note.with_signatures([stranger.sign("something else\n")]), [LOG.verifier]) == (LOG.verifier,)
    with pytest.raises(NoteInvalid, match="wrong"):
        verify(note.with_signatures([WITNESS.sign("something else\n", time=1)]), [LOG.verifier, WITNESS.verifier])
    with pytest.raises(NoteInvalid, match="nobody"):
        verify(note, [stranger.verifier])


@pytest.mark.parametrize("bad", [
    "", "a\n1\n", "a\n01\n" + CHECKPOINT.text.split("\n")[2] + "\n", "a\n-1\nAAAA\n", "a\n+1\nAAAA\n", "a\n1\nAAAA\n", "\n1\nAAAA\n",
    CHECKPOINT.text + "extension\n", CHECKPOINT.text[:-1], CHECKPOINT.text + "\n", CHECKPOINT.text.replace("5", "\u0665"),
])  # fmt: skip
def test_what_is_no_checkpoint(bad: str) -> None:
    with pytest.raises(NoteInvalid):
        Checkpoint.parse(bad)


@pytest.mark.parametrize("bad", [
    "", "a", "a+b", "a+00000000+AAAA", NEUMANN.replace("c74f20a3", "c74f20a4"), NEUMANN.replace("c74f20a3", "C74F20A3"),
    NEUMANN.replace("Peter", "Pet er"), NEUMANN.replace("+AR", "+AQ"), NEUMANN.replace("+AR", "+BR"), NEUMANN + "=",
])  # fmt: skip
def test_what_is_no_key(bad: str) -> None:
    with pytest.raises(NoteInvalid):
        VerifierKey.parse(bad)
    with pytest.raises(NoteInvalid):
        SigningKey.parse(bad)


def test_a_private_key_does_not_print_itself() -> None:
    assert LOG.seed.hex() not in repr(LOG)
    assert str(LOG.seed) not in repr(LOG)


def test_key_files_are_private_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "one.key"
    write_key(path, LOG)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key(path) == LOG
    with pytest.raises(FileExistsError):
        write_key(path, WITNESS)
    assert list(path.parent.iterdir()) == [path]
    path.chmod(0o640)
    with pytest.raises(KeyFileUnsafe, match="chmod 600"):
        read_key(path)


def test_unreadable_keys_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(KeyMissing):
        read_key(tmp_path / "none.key")
    (tmp_path / "bad.key").write_bytes(b"\xff\xfe")
    with pytest.raises(KeyFileUnsafe):
        read_key(tmp_path / "bad.key")
    (tmp_path / "words.key").write_text("no key")
    (tmp_path / "words.key").chmod(0o600)
    with pytest.raises(KeyFileUnsafe, match="holds no key"):
        read_key(tmp_path / "words.key")


def test_the_first_key_is_the_one_that_was_prepared(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path, "market.example/register")
    write_key(tmp_path / "other.key", new_key("elsewhere.example/register", Kind.LOG))
    made = folder.first()
    assert folder.first() == made == folder.private(made.verifier)
    with pytest.raises(KeyMissing, match="backup"):
        folder.private(LOG.verifier)
