"""Entries of one project that came from the same device or the same network address. Pure."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.interface import Case, Figure, Firm, Lead, Numbers, Reads, Screen, each, within

_WHAT = {"devices": N_("from the same device"), "networks": N_("from the same network address")}
_WEIGHT = {"devices": 6_000, "networks": 3_000}


def shared_marks(pool: tuple[Firm, ...]) -> dict[str, tuple[str, ...]]:
    """`devices`, `networks` -> codes of all who share one with somebody, in order."""
    found = {}
    for kind in _WHAT:
        owners: defaultdict[str, set[str]] = defaultdict(set)
        for firm in pool:
            for mark in getattr(firm, kind):
                owners[mark].add(firm.code)
        if together := {code for codes in owners.values() if len(codes) > 1 for code in codes}:
            found[kind] = tuple(sorted(together))
    return found


def _find(case: Case, numbers: Numbers) -> Lead | None:
    found = shared_marks(case.pool)
    if not found:
        return None
    codes = tuple(dict.fromkeys(code for some in found.values() for code in some))
    names = "、".join(case.name_of(code) for code in codes)
    text = Message(
        N_("{count} entries for {project} came from one device or network address: {names}."),
        {"count": len(codes), "project": case.title, "names": names},
    )
    figures = tuple(Figure(_WHAT[kind], "、".join(case.name_of(code) for code in some)) for kind, some in found.items())
    evidence = case.evidence("pool.frozen", "pool.sealed", "bids.opened", "selection.decided", "draw.made")
    score = within(1_000 + sum(_WEIGHT[kind] for kind in found))
    return Lead(case.number, text, score, codes, (case.number,), evidence, figures)


SCREEN = Screen(
    code="same_origin", version=1, title=N_("Entries from one device or address"), reads=Reads.RESULT,
    basis=N_("Implementing Regulation of the Tendering Law, Art. 40: bids prepared or handed in by the same unit or person; practice of electronic tendering (same MAC or IP address)"),
    reckoning=N_("When an entry arrives the market keeps a keyed hash of the browser's cookie and one of the network address. The key belongs to that project alone, so entries of one project can be compared and nothing else. Shared offices and networks occur; a device weighs more."),
    inputs=N_("Marks of the entries in one published pool; deleted after the rulebook's term, never shown"),
    acts=("pool.frozen", "pool.sealed", "bids.opened", "selection.decided", "draw.made"),
    since=date(2026, 11, 22),
    rules=("screen.mark_days",), find=each(_find),
)  # fmt: skip
