"""The report of a verification: one named check for everything that a dossier claims."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Protocol


class Status(StrEnum):
    OK = "ok"
    CAUTION = "caution"  # true as far as it goes, but the reader must know something
    FAILED = "failed"


class Mismatch(ValueError):
    """A claim of the dossier is not true."""


class Caution(Exception):
    """A claim holds, with a reservation."""


@dataclass(frozen=True)
class Check:
    """One thing that was checked: what, whether it holds, and the evidence in one sentence."""

    name: str
    what: str
    status: Status
    detail: str


class Claim(NamedTuple):
    """A check to be run; `test` returns the evidence in one sentence, raises Caution or any ValueError."""

    name: str
    what: str
    test: Callable[[Any], str]


class AnyDossier(Protocol):
    """What dossiers of all formats have in common."""

    @property
    def project(self) -> str: ...
    @property
    def purpose(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def format(self) -> str: ...
    @property
    def winners(self) -> list[str]: ...
    @property
    def names(self) -> dict[str, str]: ...


FORM = Claim("form", "The file is one dossier in its only spelling", str)


@dataclass(frozen=True)
class Report:
    """All checks of one file. `dossier` is None when the file could not even be read as one."""

    checks: tuple[Check, ...]
    dossier: AnyDossier | None = None

    @property
    def ok(self) -> bool:
        return self.dossier is not None and not self.failures

    @property
    def failures(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.status is Status.FAILED)

    def members(self) -> dict[str, Any]:
        """The report as plain data."""
        found = self.dossier
        return {
            "ok": self.ok,
            "project": found.project if found else None,
            "digest": found.digest if found else None,
            "winners": found.winners if found else [],
            "checks": [
                {"name": check.name, "what": check.what, "status": str(check.status), "detail": check.detail}
                for check in self.checks
            ],
        }


def unreadable(problem: ValueError) -> Report:
    return Report((Check(FORM.name, FORM.what, Status.FAILED, str(problem)),))


def report_on(dossier: AnyDossier, size: int, claims: Sequence[Claim], evidence: object) -> Report:
    """Every claim tested, whichever fail. `size`: the file's bytes."""
    form = Check(FORM.name, FORM.what, Status.OK, f"{size} bytes, {dossier.format}")
    return Report((form, *(_run(claim, evidence) for claim in claims)), dossier)


def _run(claim: Claim, evidence: object) -> Check:
    try:
        return Check(claim.name, claim.what, Status.OK, claim.test(evidence))
    except Caution as reservation:
        return Check(claim.name, claim.what, Status.CAUTION, str(reservation))
    except (ValueError, OverflowError) as problem:
        return Check(claim.name, claim.what, Status.FAILED, str(problem))


def exact_bytes(text: str) -> bytes:
    """The bytes of lower-case hexadecimal; any other spelling is refused."""
    data = bytes.fromhex(text)
    if data.hex() != text:
        raise Mismatch("hexadecimal is written in lower case without spaces")
    return data


def same(what: str, stated: object, computed: object) -> None:
    if stated != computed:
        raise Mismatch(f"the {what} is stated as {stated} but must be {computed}")


def same_list(what: str, stated: Sequence[Any], computed: Sequence[Any]) -> None:
    """Like `same`, naming the first place that differs."""
    for place, (said, found) in enumerate(zip(stated, computed, strict=False), start=1):
        if said != found:
            raise Mismatch(f"{what} {place} is stated as {said} but must be {found}")
    if len(stated) != len(computed):
        raise Mismatch(f"{len(stated)} entries of kind {what} are stated but there are {len(computed)}")
