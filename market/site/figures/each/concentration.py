"""Whether the work goes to a few."""

from __future__ import annotations

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.money import BASIS_POINTS, divide_half_up
from market.site.figures.each.shared import BY_NOTICE
from market.site.figures.model import Column, Drawing, Figure, Source, Values
from market.site.rules.figures import share
from market.web.display import percent

TOP = 5


def _shares(values: Values) -> Values:
    won = values["won"] or 0
    hhi = divide_half_up(BASIS_POINTS * (values["squares"] or 0), won * won) if won else None
    return {"hhi": hhi, "top_share": share(values["top"], won)}


def _sentence(values: Values) -> Message:
    if not values["won"]:
        return Message(N_("Nothing has been won yet."))
    return Message(
        N_("{winners} agencies won {won} projects; the five that won most have {share} of them (HHI {hhi})."),
        {
            "winners": values["winners"],
            "won": values["won"],
            "share": percent(values["top_share"]),
            "hhi": values["hhi"],
        },
    )


FIGURE = Figure(
    id="concentration",
    title=N_("Concentration"),
    question=N_("Does the work go to a few?"),
    definition=N_("Over all final results: the share of the five agencies that won most projects, and the Herfindahl-Hirschman index, the sum of the squared shares of all winners (10,000: one agency wins everything). Below 1,500 a market counts as open, above 2,500 as concentrated. With few projects both are high by necessity: read them beside the number of projects."),
    dated=BY_NOTICE,
    breakdowns=("class", "region", "month", "method", "owner"),
    columns=(
        Column("won", N_("Projects won"), "projects", N_("Final results.")),
        Column("winners", N_("Winning agencies"), "agencies", N_("Agencies that won at least one of them.")),
        Column("hhi", N_("HHI"), "index", N_("Sum of the squared shares, 10,000 at most.")),
        Column("top_share", N_("Share of the top five"), "share", N_("Won by the five agencies that won most ÷ projects won.")),
    ),
    headline="top_share",
    source=Source(
        tables="project p",
        fields="p.winner_id",
        where="p.result_final_at IS NOT NULL AND p.winner_id IS NOT NULL",
        fold="(SELECT key, winner_id, count(*) AS n, row_number() OVER (PARTITION BY key ORDER BY count(*) DESC, winner_id) AS place"
             " FROM {rows} GROUP BY key, winner_id) ranked",
        measures=f"sum(n)::bigint AS won, count(*) AS winners, sum(n * n)::bigint AS squares,"
                 f" coalesce(sum(n) FILTER (WHERE place <= {TOP}), 0)::bigint AS top",
        moment="p.published_at",
    ),
    drawing=Drawing("bars", ("top_share",)),
    drawings={"month": Drawing("line", ("top_share",))},
    sentence=_sentence,
    shares=_shares,
)  # fmt: skip
