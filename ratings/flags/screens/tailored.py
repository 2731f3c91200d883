"""A notice that hardly anybody can meet. Pure."""

from __future__ import annotations

from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.interface import FIRMS, Case, Figure, Lead, Numbers, Reads, Screen, each, within


def _find(case: Case, numbers: Numbers) -> Lead | None:
    most = numbers["screen.tailored_matching_max"]
    if case.matching is None or case.named or case.matching > most:
        return None
    text = Message(
        N_("Only {count} agencies met the requirements of {project} when it was published."),
        {"count": case.matching, "project": case.title},
    )
    figures = (Figure(N_("Agencies that met the requirements"), str(case.matching), f"≤ {most}", unit=FIRMS),)
    score = within(8_000 - 2_000 * case.matching)
    evidence = case.evidence("project.published", "project.amended")
    return Lead(case.number, text, score, (case.owner_code,), (case.number,), evidence, figures)


SCREEN = Screen(
    code="tailored", version=1, title=N_("Requirements that few can meet"), reads=Reads.NOTICE,
    basis=N_("Tendering Law, Art. 18 and 20: no requirements that favour or exclude; rules on open access to the supermarket"),
    reckoning=N_("All admitted agencies are measured by the notice as it was published; the lead is found where no more than the rulebook's number meet it."),
    inputs=N_("The requirements of one notice, and the admitted agencies with their papers"), acts=("project.published", "project.amended"),
    since=date(2026, 11, 22),
    rules=("screen.tailored_matching_max",), find=each(_find),
)  # fmt: skip
