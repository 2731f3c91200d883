"""Whether results come in time, and whether the approval authorities take them the first time."""

from __future__ import annotations

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.site.figures.each.shared import BY_NOTICE, PROJECT_BREAKDOWNS
from market.site.figures.model import Column, Drawing, Figure, Source, Values
from market.site.rules.figures import share
from market.web.display import percent

_LATE = "SELECT DISTINCT c.project_id FROM delivery d JOIN contract c ON c.id = d.contract_id WHERE d.late_days > 0"
_JUDGED = """
SELECT c.project_id, bool_or(v.outcome = 'passed') AND NOT bool_or(v.outcome = 'returned') AS first
FROM report_verdict v JOIN contract c ON c.id = v.contract_id
WHERE v.outcome <> 'void' AND NOT EXISTS (SELECT 1 FROM report_verdict l WHERE l.corrects_id = v.id) GROUP BY 1
"""


def _shares(values: Values) -> Values:
    return {
        "on_time_rate": share(values["on_time"], values["fulfilled"]),
        "passed_first_rate": share(values["passed_first"], values["judged"]),
    }


def _sentence(values: Values) -> Message:
    if not values["fulfilled"]:
        return Message(N_("No project has been fulfilled yet."))
    return Message(
        N_("{on_time} of {fulfilled} fulfilled projects were delivered in time ({rate}); of {judged} whose reports an authority judged, {first} passed the first time."),
        {"on_time": values["on_time"], "fulfilled": values["fulfilled"], "rate": percent(values["on_time_rate"]),
         "judged": values["judged"], "first": values["passed_first"]},
    )  # fmt: skip


FIGURE = Figure(
    id="delivery",
    title=N_("Delivery"),
    question=N_("Are results delivered in time, and are they right?"),
    definition=N_("Fulfilled projects of which no delivery came later than its limit ÷ all fulfilled projects. Projects whose reports passed the approval authority without a return ÷ all projects with a recorded verdict; corrected records do not count."),
    dated=BY_NOTICE,
    breakdowns=PROJECT_BREAKDOWNS,
    columns=(
        Column("fulfilled", N_("Fulfilled"), "projects", N_("Projects whose results were accepted.")),
        Column("on_time", N_("Fulfilled in time"), "projects", N_("Of these, without any late delivery.")),
        Column("on_time_rate", N_("Share delivered in time"), "share", N_("Fulfilled in time ÷ fulfilled.")),
        Column("judged", N_("Reports decided on by authorities"), "projects", N_("Projects with a recorded verdict of an approval authority.")),
        Column("passed_first", N_("Passed the first time"), "projects", N_("Of these, never returned.")),
        Column("passed_first_rate", N_("Share passed the first time"), "share", N_("Passed the first time ÷ decided on by authorities.")),
    ),
    headline="on_time_rate",
    source=Source(
        tables=f"project p LEFT JOIN ({_LATE}) late ON late.project_id = p.id LEFT JOIN ({_JUDGED}) judged ON judged.project_id = p.id",
        fields="p.accepted_at, late.project_id AS late, judged.project_id AS judged, judged.first",
        measures="count(accepted_at) AS fulfilled, count(accepted_at) FILTER (WHERE late IS NULL) AS on_time,"
                 " count(judged) AS judged, count(*) FILTER (WHERE first) AS passed_first",
        moment="p.published_at",
        agency="p.winner_id",
        where="(p.accepted_at IS NOT NULL OR judged.project_id IS NOT NULL)",
    ),
    drawing=Drawing("bars", ("fulfilled", "on_time"), nested=True),
    drawings={"month": Drawing("bar", ("fulfilled", "on_time"), nested=True)},
    sentence=_sentence,
    shares=_shares,
)  # fmt: skip
