"""How one key of the register follows another: a note that both sign, published as an entry of the register. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from market.register.notes import Note, NoteInvalid, SigningKey, VerifierKey, parse_note, verify

HEADING = "mingxuan-register-key/1"


def succession_text(old: VerifierKey, new: VerifierKey) -> str:
    return f"{HEADING}\n{old.text}\n{new.text}\n"


def hand_over(old: SigningKey, new: SigningKey) -> Note:
    """The old key says who follows; the new one shows that it is there."""
    text = succession_text(old.verifier, new.verifier)
    return Note(text, (old.sign(text), new.sign(text)))


def replace_lost(old: VerifierKey, new: SigningKey) -> Note:
    """The old key cannot say anything any more: whoever trusted it has to be told in another way."""
    text = succession_text(old, new.verifier)
    return Note(text, (new.sign(text),))


def is_handed_over(note: str, old: VerifierKey, new: VerifierKey) -> bool:
    """Whether the old key itself named the new one. Raises NoteInvalid where not even the new one did."""
    found = parse_note(note)
    if found.text != succession_text(old, new):
        raise NoteInvalid("the note is about other keys")
    signers = verify(found, [old, new])
    if new not in signers:
        raise NoteInvalid("the new key did not sign its own introduction")
    return old in signers


def trusted_after(known: VerifierKey, keys: Sequence[VerifierKey], notes: Sequence[str]) -> list[VerifierKey]:
    """Of a register's keys, from its first to its present one, and the notes between them: the known one and those
    that it leads to. Raises NoteInvalid when the known key is not among them or a link is wrong or missing."""
    if known not in keys or len(notes) != len(keys) - 1:
        raise NoteInvalid("the keys do not descend from the one that is known")
    place = keys.index(known)
    trusted = [known]
    for old, new, note in zip(keys[place:], keys[place + 1 :], notes[place:], strict=False):
        if not is_handed_over(note, old, new):
            raise NoteInvalid(f"{new.text} was not introduced by its predecessor: ask its owner, not its server")
        trusted.append(new)
    return trusted
