"""What signing needs of this process: the settings (whose secret seals the keys) and the store of files. Jobs have no
request to take them from."""

from __future__ import annotations

from dataclasses import dataclass

from obstore.store import ObjectStore

from market.kernel.settings import Settings
from projects.contracts.signing.authority import Holder, NotAnAuthority, check_authority, read_holder


@dataclass(frozen=True)
class Notary:
    settings: Settings
    files: ObjectStore

    @property
    def market(self) -> str:
        return self.settings.site_name

    def outside_authority(self) -> Holder | None:
        """The authority of others that issues our certificates, where the operator named one: a PEM file with its
        private key and its chain. Raises NotAnAuthority."""
        path = self.settings.signing_authority
        if path is None:
            return None
        try:
            return check_authority(read_holder(path.read_text("utf8")))
        except (OSError, UnicodeDecodeError) as problem:
            raise NotAnAuthority(f"SIGNING_AUTHORITY {path} cannot be read: {problem}") from problem


_in_force: Notary | None = None


def open_notary(settings: Settings, files: ObjectStore) -> Notary:
    """From now on the one in force in this process. Raises NotAnAuthority for a bad SIGNING_AUTHORITY at the start,
    not at the first contract."""
    global _in_force
    notary = Notary(settings, files)
    notary.outside_authority()
    _in_force = notary
    return notary


def notary_in_force() -> Notary:
    if _in_force is None:
        raise RuntimeError("no notary was opened in this process")
    return _in_force
