"""Bidders of one project who share what independent firms do not share. Pure."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import lru_cache

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.interface import Case, Figure, Firm, Lead, Numbers, Reads, Screen, each, within

WHAT = {
    "phone": N_("the same telephone number"),
    "address": N_("the same address"),
    "legal_representative": N_("a legal representative of the same name"),
    "authorised": N_("an authorised person with the same telephone number"),
    "parent": N_("the same controlling organisation, or one controls the other"),
}
# A name alone may be borne by two people, so it weighs least.
_WEIGHT = {"phone": 3_500, "address": 3_000, "legal_representative": 2_500, "authorised": 4_000, "parent": 5_000}
_NOISE = str.maketrans("", "", " -()（）－　+")


def shared(pool: tuple[Firm, ...]) -> dict[str, tuple[str, ...]]:
    """What is shared -> codes of all who share it with somebody, in order."""
    found: dict[str, set[str]] = {}
    for kind in WHAT:
        told = [(value, firm.code) for firm in pool for value in _values(firm, kind)]
        if len({value for value, _ in told}) == len(told):
            continue
        owners: defaultdict[str, set[str]] = defaultdict(set)
        for value, code in told:
            owners[value].add(code)
        together = {code for codes in owners.values() if len(codes) > 1 for code in codes}
        if together:
            found[kind] = together
    return {kind: tuple(sorted(codes)) for kind, codes in found.items()}


def _values(firm: Firm, kind: str) -> tuple[str, ...]:
    if kind == "parent":
        # A firm and those it controls carry the same mark: its code.
        return (firm.code, firm.parent_code) if firm.parent_code else (firm.code,)
    if kind == "authorised":
        return tuple(number for one in firm.authorised if (number := plain(one)))
    value = plain(getattr(firm, kind))
    return (value,) if value else ()


@lru_cache(maxsize=20_000)
def plain(text: str) -> str:
    """Without what people write differently: blanks, dashes, brackets."""
    return text.translate(_NOISE)


def _find(case: Case, numbers: Numbers) -> Lead | None:
    found = shared(case.pool)
    if not found:
        return None
    codes = tuple(dict.fromkeys(code for some in found.values() for code in some))
    names = "、".join(case.name_of(code) for code in codes)
    figures = tuple(Figure(WHAT[kind], "、".join(case.name_of(code) for code in some)) for kind, some in found.items())
    text = Message(
        N_("{count} agencies in the pool of {project} share particulars: {names}."),
        {"count": len(codes), "project": case.title, "names": names},
    )
    evidence = case.evidence("pool.frozen", "pool.sealed", "bids.opened", "selection.decided", "draw.made")
    score = within(3_000 + sum(_WEIGHT[kind] for kind in found))
    return Lead(case.number, text, score, codes, (case.number,), evidence, figures)


SCREEN = Screen(
    code="shared_identity", version=1, title=N_("Bidders with shared particulars"), reads=Reads.RESULT,
    basis=N_("Implementing Regulation of the Tendering Law, Art. 34 and 40: one controller, one handler, one preparer"),
    reckoning=N_("Two or more agencies of one pool have the same telephone, address, legal representative, authorised person or controlling organisation. Namesakes and shared office buildings occur."),
    inputs=N_("Telephone, address, legal representative, authorised persons and controller of everybody in one published pool"), acts=("pool.frozen", "pool.sealed", "bids.opened", "selection.decided", "draw.made"),
    since=date(2026, 11, 22),
    rules=(), find=each(_find),
)  # fmt: skip
