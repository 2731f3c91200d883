"""The draw, `hmac-draw/1`: a pure function of public inputs that anyone can repeat.

    seed            = HMAC-SHA256(key = randomness of the round, message = JCS(D))
    ticket(code, k) = HMAC-SHA256(key = seed, message = code "/" k)        k = 1 … tickets
    score(code)     = the smallest of its tickets, read as a big-endian number
    order           = entrants by ascending score; the first `winners` win

With w tickets an entrant wins with probability w / Σw, whatever the order of arrival.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain as concatenate
from itertools import pairwise
from operator import itemgetter
from typing import Final, NamedTuple

import rfc8785

ALGORITHM: Final = "hmac-draw/1"
MAX_TICKETS: Final = 1_000_000  # in one draw: keeps a mistyped weight from running for hours
# One line a code, so that one match checks a whole pool. Quote, backslash and slash are left out: the first two
# would need escapes in JSON, the third separates the code from the ticket's number.
_CODE: Final = r"[!#-.0-\[\]-~]{1,64}"
_CODES: Final = re.compile(rf"(?:{_CODE}\n)+")
_HEX_256: Final = re.compile(r"[0-9a-f]{64}")
_PURPOSE: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_code, _tickets = itemgetter(0), itemgetter(1)


class DrawInvalid(ValueError):
    """The inputs of a draw contradict its rules."""


class Entrant(NamedTuple):
    """One participant: its code and its weight."""

    code: str
    tickets: int = 1


class Ticket(NamedTuple):
    """One ticket of one entrant; `value` is its 32-byte HMAC."""

    code: str
    number: int
    value: bytes


@dataclass(frozen=True)
class DrawInput:
    """Everything that determines a draw except the randomness; entrants end up sorted by code."""

    chain: str
    entrants: tuple[Entrant, ...]
    project: str
    purpose: str
    round: int
    winners: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "entrants", tuple(sorted(self.entrants, key=_code)))
        _check_header(self)
        _check_entrants(self.entrants, self.winners)

    def canonical(self) -> bytes:
        """D as RFC 8785 bytes."""
        before = rfc8785.dumps({"algorithm": ALGORITHM, "chain": self.chain})
        after = rfc8785.dumps(
            {"project": self.project, "purpose": self.purpose, "round": self.round, "winners": self.winners}
        )
        return before[:-1] + b',"entrants":[' + _canonical_entrants(self.entrants) + b"]," + after[1:]

    def members(self) -> dict[str, object]:
        """D as plain data, for a dossier or an API."""
        return {
            "algorithm": ALGORITHM,
            "chain": self.chain,
            "entrants": [{"code": code, "tickets": tickets} for code, tickets in self.entrants],
            "project": self.project,
            "purpose": self.purpose,
            "round": self.round,
            "winners": self.winners,
        }


@dataclass(frozen=True)
class DrawOutcome:
    """The result: `values` are the tickets' HMACs entrant by entrant, in the order of the sorted input."""

    entrants: tuple[Entrant, ...]
    seed: bytes
    values: list[bytes]
    scores: list[bytes]
    order: list[str]
    winners: list[str]

    def tickets(self) -> Iterator[Ticket]:
        """Every ticket, by code and then number."""
        values = iter(self.values)
        for code, count in self.entrants:
            for number in range(1, count + 1):
                yield Ticket(code, number, next(values))

    def score_of(self) -> dict[str, bytes]:
        """Each entrant's best ticket."""
        return {code: score for (code, _), score in zip(self.entrants, self.scores, strict=True)}


def draw(given: DrawInput, randomness: bytes) -> DrawOutcome:
    """Run the draw. `randomness` is SHA-256 of the round's signature (32 bytes)."""
    if len(randomness) != 32:
        raise DrawInvalid("the randomness of a round has 32 bytes")
    seed = hmac.digest(randomness, given.canonical(), "sha256")
    codes, counts = _columns(given.entrants)
    values = _authenticate(seed, _messages(codes, counts))
    scores = values if len(values) == len(codes) else _smallest(values, counts)
    # Sorting is stable and entrants are sorted by code, so equal scores stay in the order of their codes.
    order = [codes[place] for place in sorted(range(len(codes)), key=scores.__getitem__)]
    return DrawOutcome(given.entrants, seed, values, scores, order, order[: given.winners])


def entrants_of(codes: Iterable[str]) -> tuple[Entrant, ...]:
    """Entrants with one ticket each."""
    return tuple(Entrant(code) for code in codes)


def _columns(entrants: tuple[Entrant, ...]) -> tuple[list[str], list[int]]:
    """(codes, ticket counts); `zip(*entrants)` would make one iterator for each entrant."""
    return list(map(_code, entrants)), list(map(_tickets, entrants))


def _canonical_entrants(entrants: tuple[Entrant, ...]) -> bytes:
    """The general serialiser is too slow for 100,000 entrants. Checked codes need no escapes, so this text is
    canonical as it stands; a test compares the whole with rfc8785."""
    codes, counts = _columns(entrants)
    if max(counts) == 1:
        text = '{"code":"' + '","tickets":1},{"code":"'.join(codes) + '","tickets":1}'
    else:
        text = ",".join([f'{{"code":"{code}","tickets":{tickets}}}' for code, tickets in entrants])
    return text.encode("ascii")


def _messages(codes: list[str], counts: list[int]) -> list[bytes]:
    if max(counts) == 1:
        return [code + b"/1" for code in "\n".join(codes).encode("ascii").split(b"\n")]
    numbered = (
        [f"{code}/{number}" for number in range(1, count + 1)] for code, count in zip(codes, counts, strict=True)
    )
    return [text.encode("ascii") for text in concatenate.from_iterable(numbered)]


def _authenticate(key: bytes, messages: list[bytes]) -> list[bytes]:
    """HMAC-SHA256 of many messages under one short key.

    The padded key is hashed once and copied (RFC 2104, section 4): twice as fast as `hmac.digest` for each, and a
    test compares the two.
    """
    padded = key.ljust(hashlib.sha256().block_size, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded)).copy
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded)).copy
    values = []
    for message in messages:
        inside, outside = inner(), outer()
        inside.update(message)
        outside.update(inside.digest())
        values.append(outside.digest())
    return values


def _smallest(values: list[bytes], counts: list[int]) -> list[bytes]:
    """The smallest ticket of each entrant (byte order of equal lengths is numeric order)."""
    scores, start = [], 0
    for count in counts:
        scores.append(min(values[start : start + count]))
        start += count
    return scores


def _check_header(given: DrawInput) -> None:
    if not _HEX_256.fullmatch(given.chain):
        raise DrawInvalid("the chain hash must be 64 lower-case hexadecimal digits")
    if not given.project or not given.project.isprintable():
        raise DrawInvalid("the project number must be printable and not empty")
    if not _PURPOSE.fullmatch(given.purpose):
        raise DrawInvalid("the purpose must be lower-case words joined by hyphens")
    if not _is_count(given.round) or given.round >= 2**53:
        raise DrawInvalid("the round must be a positive integer below 2^53")


def _check_entrants(entrants: tuple[Entrant, ...], winners: int) -> None:
    if not entrants:
        raise DrawInvalid("a draw needs at least one entrant")
    codes, counts = _columns(entrants)
    if not _CODES.fullmatch("\n".join(codes) + "\n") or not "".join(codes).isprintable():
        raise DrawInvalid("a code has 1 to 64 visible ASCII characters without quote, backslash or slash")
    if len(set(codes)) != len(codes):
        raise DrawInvalid(f"the code {_first_repeated(codes)} is entered more than once")
    if set(map(type, counts)) != {int} or min(counts) < 1:
        raise DrawInvalid("every entrant holds at least one whole ticket")
    if sum(counts) > MAX_TICKETS:
        raise DrawInvalid(f"a draw has at most {MAX_TICKETS} tickets")
    if not _is_count(winners) or winners > len(codes):
        raise DrawInvalid(f"cannot choose {winners} winners among {len(codes)} entrants")


def _is_count(value: int) -> bool:
    return type(value) is int and value >= 1


def _first_repeated(codes: list[str]) -> str:
    return next(code for code, following in pairwise(codes) if code == following)
