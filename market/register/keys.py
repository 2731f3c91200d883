"""Where private keys are kept: one file a key, readable by its owner only, written completely or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from market.kernel.settings import Settings
from market.register.notes import Kind, NoteInvalid, SigningKey, VerifierKey, check_name

FOLDER = "register-keys"


class KeyMissing(Exception):
    """The key that must sign is not on this machine."""


class KeyFileUnsafe(Exception):
    """Others could read the key, or the file holds none."""


def read_key(path: Path) -> SigningKey:
    """Raises KeyMissing, KeyFileUnsafe."""
    try:
        mode, text = path.stat().st_mode, path.read_text("utf8")
    except FileNotFoundError:
        raise KeyMissing(f"there is no key at {path}") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise KeyFileUnsafe(f"{path} cannot be read as a key: {problem}") from problem
    if stat.S_IMODE(mode) & 0o077:
        raise KeyFileUnsafe(f"{path} is a private key and must be readable by its owner only (chmod 600)")
    try:
        return SigningKey.parse(text.strip("\n"))
    except NoteInvalid as problem:
        raise KeyFileUnsafe(f"{path} holds no key: {problem}") from problem


def write_key(path: Path, key: SigningKey) -> None:
    """A new file, complete and private. Raises FileExistsError rather than replace a key."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf8") as file:
            file.write(key.text + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink()


def new_key(name: str, kind: Kind) -> SigningKey:
    return SigningKey.from_seed(name, kind, secrets.token_bytes(32))


@dataclass(frozen=True)
class KeyFolder:
    """The keys of this market's register. Which of them signs now, the database says; `origin` is the name that a
    register gets when its first key is made."""

    path: Path
    origin: str

    def private(self, key: VerifierKey) -> SigningKey:
        """Raises KeyMissing, KeyFileUnsafe."""
        try:
            found = read_key(self._file(key))
        except KeyMissing:
            raise KeyMissing(
                f"the private key of {key.text} is not in {self.path}. Nothing is signed until it is put there from a"
                " backup. Where it was rotated elsewhere, copy the new file; where it is lost for good, replace it:"
                " `python -m market register rotate --lost`."
            ) from None
        if found.verifier != key:
            raise KeyFileUnsafe(f"{self._file(key)} holds another key than its name says")
        return found

    def first(self) -> SigningKey:
        """For a register that has no key yet: one prepared for this origin beforehand, else a new one."""
        for file in sorted(self.path.glob("*.key")):
            prepared = read_key(file)
            if (prepared.verifier.name, prepared.verifier.kind) == (self.origin, Kind.LOG):
                return prepared
        return self.make(self.origin)

    def make(self, name: str) -> SigningKey:
        key = new_key(name, Kind.LOG)
        write_key(self._file(key.verifier), key)
        return key

    def _file(self, key: VerifierKey) -> Path:
        return self.path / f"{key.id.hex()}.key"


_in_force: KeyFolder | None = None


def open_keys(settings: Settings) -> KeyFolder:
    """The folder in the data directory, which is from now on the one in force in this process."""
    origin = check_name(settings.public_url.split("://", 1)[1] + "/register")
    return put_in_force(KeyFolder(settings.data_dir / FOLDER, origin))


def put_in_force(folder: KeyFolder) -> KeyFolder:
    """For the composition root and for tests."""
    global _in_force
    _in_force = folder
    return folder


def keys_in_force() -> KeyFolder:
    """For sweeps and actions, which have no request to take it from."""
    if _in_force is None:
        raise RuntimeError("no folder of register keys was opened in this process")
    return _in_force
