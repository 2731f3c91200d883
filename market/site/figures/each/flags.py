"""Red flags and what became of them: for the regulators in whose field they lie, and for nobody else."""

from __future__ import annotations

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.site.figures.model import Column, Drawing, Figure, Source, Values
from market.site.rules.figures import share
from market.web.display import percent
from ratings.flags.screens import SCREENS

_FLAGS = """
SELECT f.regions, f.departments, NULL::text AS service_classes, NULL::text AS method, NULL::uuid AS owner_id, f.opened_at, f.screen,
       f.outcome, f.taken_at FROM flag f
"""


def _shares(values: Values) -> Values:
    return {"precision": share(values["founded"], (values["founded"] or 0) + (values["unfounded"] or 0))}


def _sentence(values: Values) -> Message:
    if not values["raised"]:
        return Message(N_("No flag was raised."))
    return Message(
        N_("{raised} flags were raised; of those reviewed {founded} were founded and {unfounded} unfounded ({share} founded)."),
        {"raised": values["raised"], "founded": values["founded"], "unfounded": values["unfounded"], "share": percent(values["precision"])},
    )  # fmt: skip


FIGURE = Figure(
    id="flags",
    title=N_("Red flags"),
    question=N_("What do the screens find, and is it true?"),
    definition=N_("Flags by the screen that raised them and by what their review found. A flag is a lead, never a finding; the share founded says how far a screen can be trusted."),
    dated=N_("by the day on which it was raised"),
    breakdowns=("screen", "month", "region"),
    columns=(
        Column("raised", N_("Raised"), "flags", N_("Flags raised.")),
        Column("waiting", N_("Not taken up"), "flags", N_("Of these, nobody has looked yet.")),
        Column("in_review", N_("Under review"), "flags", N_("Of these, taken up and not yet closed.")),
        Column("founded", N_("Founded"), "flags", N_("Of these, confirmed by the review.")),
        Column("unfounded", N_("Unfounded"), "flags", N_("Of these, explained.")),
        Column("precision", N_("Share founded"), "share", N_("Founded ÷ (founded + unfounded).")),
    ),
    headline="precision",
    source=Source(
        tables=f"({_FLAGS}) p",
        fields="p.outcome, p.taken_at",
        measures="count(*) AS raised, count(*) FILTER (WHERE outcome IS NULL AND taken_at IS NULL) AS waiting,"
                 " count(*) FILTER (WHERE outcome IS NULL AND taken_at IS NOT NULL) AS in_review,"
                 " count(*) FILTER (WHERE outcome = 'founded') AS founded, count(*) FILTER (WHERE outcome = 'unfounded') AS unfounded",
        moment="p.opened_at",
        own={"screen": "p.screen"},
        in_region="EXISTS (SELECT FROM unnest(p.regions) AS r (code) WHERE starts_with(r.code, {value}))",
        regions="ARRAY(SELECT DISTINCT rpad(left(r.code, {digits}), 6, '0') FROM unnest(p.regions) AS r (code))",
        several_regions=True,
        names_departments=True,
    ),
    drawing=Drawing("bars_stacked", ("founded", "unfounded", "in_review", "waiting")),
    drawings={"month": Drawing("stacked", ("founded", "unfounded", "in_review", "waiting"))},
    names={code: screen.title for code, screen in SCREENS.items()},
    sentence=_sentence,
    shares=_shares,
    regulators_only=True,
)  # fmt: skip
