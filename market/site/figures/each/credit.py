"""How credit is distributed over the agencies of the market."""

from __future__ import annotations

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.site.figures.each.shared import AGENCY_CLASSES
from market.site.figures.model import Column, Drawing, Figure, Source, Values
from market.site.rules.figures import share
from market.web.display import percent

UNRATED = "unrated"
_WIDTH = 5
_AGENCIES = f"""
SELECT o.region_code, {AGENCY_CLASSES} AS service_classes, a.service_items, NULL::text AS catalogue_version,
       NULL::text AS method, NULL::uuid AS owner_id, s.score
FROM agency a JOIN organisation o ON o.id = a.organisation_id LEFT JOIN agency_standing s ON s.agency_id = a.organisation_id
WHERE a.stage = 'admitted'
"""
_GRADES = ", ".join(
    f"count(*) FILTER (WHERE score IS NOT NULL AND grade = {grade}) AS grade_{grade}" for grade in range(5, 0, -1)
)


def band_name(key: str) -> str:
    """ "090" -> 90–94."""
    return f"{int(key)}–{int(key) + _WIDTH - 1}"


def _shares(values: Values) -> Values:
    rated = (values["agencies"] or 0) - (values["unrated"] or 0)
    return {"good_share": share((values["grade_5"] or 0) + (values["grade_4"] or 0), rated)}


def _sentence(values: Values) -> Message:
    return Message(
        N_(
            "Of {agencies} agencies in the market {unrated} are unrated yet; of the others {share} have four stars or five."
        ),
        {"agencies": values["agencies"], "unrated": values["unrated"], "share": percent(values["good_share"])},
    )


FIGURE = Figure(
    id="credit",
    title=N_("Credit of agencies"),
    question=N_("How is credit distributed?"),
    definition=N_("Agencies in the market as they stand at this moment, by bands of five points and by stars. Who has neither finished a job nor any event is unrated, which is a group of its own and no low score."),
    dated="",
    breakdowns=("band", "region", "class"),
    columns=(
        Column("agencies", N_("Agencies"), "agencies", N_("Agencies in the market.")),
        Column("unrated", N_("Unrated"), "agencies", N_("Without any finished job or event."), off="band"),
        *(Column(f"grade_{grade}", label, "agencies", off="band") for grade, label in (
            (5, N_("Five stars")), (4, N_("Four stars")), (3, N_("Three stars")), (2, N_("Two stars")), (1, N_("One star")))),
        Column("good_share", N_("Share with four stars or five"), "share", N_("Four or five stars ÷ rated agencies."), off="band"),
    ),
    headline="good_share",
    source=Source(
        tables=f"({_AGENCIES}) p",
        fields="p.score, 1 + width_bucket(p.score, {bands}::integer[]) AS grade",
        measures=f"count(*) AS agencies, count(*) FILTER (WHERE score IS NULL) AS unrated, {_GRADES}",
        moment=None,
        own={"band": f"coalesce(lpad((p.score / {_WIDTH} * {_WIDTH})::text, 3, '0'), '{UNRATED}')"},
    ),
    drawing=Drawing("bars_stacked", ("grade_5", "grade_4", "grade_3", "grade_2", "grade_1", "unrated")),
    drawings={"band": Drawing("bar", ("agencies",))},
    names={UNRATED: N_("Unrated")},
    sentence=_sentence,
    shares=_shares,
    limits=("credit.bands",),
)  # fmt: skip
