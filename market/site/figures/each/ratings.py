"""How owners rate the work."""

from __future__ import annotations

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.money import divide_half_up
from market.site.figures.each.shared import OF_PROJECT, PROJECT_BREAKDOWNS
from market.site.figures.model import Column, Drawing, Figure, Source, Values
from market.site.rules.figures import share
from market.web.display import percent

# Only what was shown: an open window tells nothing, not even whether somebody has rated.
_WINDOWS = f"""
SELECT {OF_PROJECT}, w.revealed_at, r.overall FROM rating_window w JOIN project q ON q.id = w.project_id
LEFT JOIN rating r ON r.project_id = w.project_id AND r.side = 'owner' AND r.revealed_at IS NOT NULL AND NOT r.affiliated
WHERE w.revealed_at IS NOT NULL
"""
_STARS = ", ".join(
    f"count(*) FILTER (WHERE (overall + 50) / 100 = {stars}) AS stars_{stars}" for stars in range(5, 0, -1)
)


def _shares(values: Values) -> Values:
    rated = values["rated"] or 0
    return {
        "mean": divide_half_up(values["sum"] or 0, rated) if rated else None,
        "rated_share": share(rated, values["windows"]),
    }


def _sentence(values: Values) -> Message:
    if not values["rated"]:
        return Message(N_("No rating has been published yet."))
    mean = values["mean"] or 0
    return Message(
        N_("Owners rated {rated} of {windows} jobs ({share}), {mean} stars of five on average."),
        {"rated": values["rated"], "windows": values["windows"], "share": percent(values["rated_share"]),
         "mean": f"{mean // 100}.{mean % 100:02d}"},
    )  # fmt: skip


FIGURE = Figure(
    id="ratings",
    title=N_("Ratings"),
    question=N_("How are the jobs rated?"),
    definition=N_("Ratings of agencies by owners, once they are published: when both sides have rated or the time is over. Where an owner gave none, none is invented. Ratings among affiliates do not count. The mean is the plain one; agencies are ranked by another that weighs in how many ratings there are."),
    dated=N_("by the day on which the ratings were published"),
    breakdowns=PROJECT_BREAKDOWNS,
    columns=(
        Column("windows", N_("Jobs"), "projects", N_("Jobs whose time for rating is over, or that both sides rated.")),
        Column("rated", N_("Rated by the owner"), "ratings", N_("Of these, rated by the owner.")),
        Column("rated_share", N_("Share rated"), "share", N_("Rated by the owner ÷ jobs.")),
        Column("mean", N_("Mean"), "stars", N_("Mean of the overall ratings, of five stars.")),
        *(Column(f"stars_{stars}", label, "ratings") for stars, label in (
            (5, N_("Five stars")), (4, N_("Four stars")), (3, N_("Three stars")), (2, N_("Two stars")), (1, N_("One star")))),
    ),
    headline="mean",
    source=Source(
        tables=f"({_WINDOWS}) p",
        fields="p.overall",
        measures=f"count(*) AS windows, count(overall) AS rated, coalesce(sum(overall), 0)::bigint AS sum, {_STARS}",
        moment="p.revealed_at",
    ),
    drawing=Drawing("bars_stacked", ("stars_5", "stars_4", "stars_3", "stars_2", "stars_1")),
    drawings={"month": Drawing("stacked", ("stars_5", "stars_4", "stars_3", "stars_2", "stars_1"))},
    sentence=_sentence,
    shares=_shares,
    limits=("rating.window_days",),
)  # fmt: skip
