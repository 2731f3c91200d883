"""What selection saves against the owners' estimates."""

from __future__ import annotations

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.money import Money
from market.site.figures.each.shared import BY_NOTICE, PROJECT_BREAKDOWNS
from market.site.figures.model import Column, Drawing, Figure, Source, Values
from market.site.rules.figures import share
from market.web.display import percent


def _shares(values: Values) -> Values:
    saved = (values["budget"] or 0) - (values["price"] or 0)
    return {"saved": saved, "saving_rate": share(saved, values["budget"]) if saved >= 0 else None}


def _sentence(values: Values) -> Message:
    if not values["priced"]:
        return Message(N_("No project with an estimate has a final result yet, so nothing can be said of savings."))
    return Message(
        N_("{saved} of {budget} estimated were saved, {rate}, over {priced} projects; {unpriced} more had no estimate and do not count."),
        {"saved": Money(values["saved"] or 0), "budget": Money(values["budget"] or 0), "rate": percent(values["saving_rate"]),
         "priced": values["priced"], "unpriced": values["unpriced"]},
    )  # fmt: skip


FIGURE = Figure(
    id="saving",
    title=N_("Saving rate"),
    question=N_("How much is saved?"),
    definition=N_("Saved amount ÷ estimates, over the projects that have both an estimate and a final result; rounded half up to two decimals. Projects without an estimate are left out of every amount and counted beside."),
    dated=BY_NOTICE,
    breakdowns=PROJECT_BREAKDOWNS,
    columns=(
        Column("priced", N_("With estimate and result"), "projects", N_("Projects over which the amounts are summed.")),
        Column("unpriced", N_("Without estimate"), "projects", N_("Projects with a final result whose owner made no estimate.")),
        Column("budget", N_("Estimates"), "fen", N_("Sum of the owners' estimates.")),
        Column("price", N_("Prices"), "fen", N_("Sum of the prices that selection came to.")),
        Column("saved", N_("Saved"), "fen", N_("Estimate less price, over all projects that have both an estimate and a final result.")),
        Column("saving_rate", N_("Saving rate"), "share", N_("Saved ÷ estimates.")),
    ),
    headline="saving_rate",
    source=Source(
        tables="project p",
        fields="p.budget_fen, p.price_fen",
        where="p.result_final_at IS NOT NULL",
        measures="count(budget_fen) AS priced, count(*) FILTER (WHERE budget_fen IS NULL) AS unpriced,"
                 " coalesce(sum(budget_fen), 0)::bigint AS budget,"
                 " coalesce(sum(price_fen) FILTER (WHERE budget_fen IS NOT NULL), 0)::bigint AS price",
        moment="p.published_at",
    ),
    drawing=Drawing("bars", ("budget", "price"), nested=True),
    drawings={"month": Drawing("bar", ("budget", "price"), nested=True)},
    sentence=_sentence,
    shares=_shares,
)  # fmt: skip
