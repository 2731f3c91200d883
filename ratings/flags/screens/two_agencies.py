"""A registered professional whom two agencies claim, or who goes from one to the next. Pure."""

from __future__ import annotations

from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.interface import Figure, History, Lead, Numbers, Practitioner, Reads, Screen, within

_MOVES = "screen.practitioner_moves"
Agencies = tuple[tuple[str, str], ...]


def _find(history: History, numbers: Numbers) -> list[Lead]:
    return [lead for one in history.practitioners for lead in _leads(one, history, numbers)]


def _leads(one: Practitioner, history: History, numbers: Numbers) -> list[Lead]:
    most = max(numbers[_MOVES], 2)
    kinds: tuple[tuple[str, bool, str, Agencies, str, str, int], ...] = (
        ("now", len(one.at_once) > 1, N_("{name} is listed by {count} agencies at once: {agencies}."), one.at_once,
         N_("Agencies that list the person now"), "≤ 1", 9_000),
        ("number", len(one.same_number) > 1, N_("The certificate of {name} is listed by {count} agencies for different persons: {agencies}."),
         one.same_number, N_("Agencies that list the certificate now"), "≤ 1", 7_000),
        ("moves", len(one.bound) >= most, N_("{name} was bound to {count} agencies one after the other: {agencies}."), one.bound,
         N_("Agencies over the period"), f"< {most}", 4_000),
    )  # fmt: skip
    return [
        _lead(one, kind, said, agencies, Figure(label, str(len(agencies)), limit), score, history)
        for kind, fires, said, agencies, label, limit, score in kinds
        if fires
    ]


def _lead(
    one: Practitioner, kind: str, said: str, agencies: Agencies, figure: Figure, score: int, history: History
) -> Lead:
    names = "、".join(name for _, name in agencies)
    text = Message(said, {"name": one.name, "count": len(agencies), "agencies": names})
    codes = tuple(dict.fromkeys(code for code, _ in agencies))
    rows = tuple((name, one.shown) for _, name in agencies)
    return Lead(f"{one.key}:{kind}:{history.period}", text, within(score + 200 * len(agencies)), codes, (), one.evidence,
                (figure,), rows)  # fmt: skip


SCREEN = Screen(
    code="two_agencies", version=1, title=N_("Practitioner with two agencies"), reads=Reads.MARKET,
    basis=N_("Implementing Regulation of the Tendering Law, Art. 42: lending of names and qualifications; rules on registration with one unit only"),
    reckoning=N_("The same person stands with two agencies at once, the same certificate with two persons, or somebody was bound to as many agencies one after the other as the rulebook says. A change of employer is lawful."),
    inputs=N_("Practitioners that agencies list and that were accepted over the period; the person is compared by a keyed hash"),
    acts=("agency.admitted", "agency.changed"),
    since=date(2026, 11, 22),
    rules=(_MOVES,), find=_find,
)  # fmt: skip
