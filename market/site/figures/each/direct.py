"""How much is selected directly, without a competition."""

from __future__ import annotations

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.money import Money
from market.site.figures.each.shared import BY_NOTICE
from market.site.figures.model import Column, Drawing, Figure, Source, Values
from market.site.rules.figures import share
from market.web.display import percent


def _shares(values: Values) -> Values:
    return {
        "direct_share": share(values["direct"], values["posted"]),
        "amount_share": share(values["direct_amount"], values["amount"]),
    }


def _sentence(values: Values) -> Message:
    return Message(
        N_("{direct} of {posted} projects were selected directly ({share}), for {amount}."),
        {"direct": values["direct"], "posted": values["posted"], "share": percent(values["direct_share"]),
         "amount": Money(values["direct_amount"] or 0)},
    )  # fmt: skip


FIGURE = Figure(
    id="direct",
    title=N_("Direct selection"),
    question=N_("How much is selected directly?"),
    definition=N_("Direct selections against all notices of the period; failed and withdrawn ones are left out. An amount is the price, or the ceiling until bids have decided. Each project owner with a direct selection is named: the law asks for reasons, and the public may see who gives them often."),
    dated=BY_NOTICE,
    breakdowns=("named_owner", "month", "region", "class", "owner"),
    columns=(
        Column("direct", N_("Direct selections"), "projects", N_("Notices by direct selection.")),
        Column("posted", N_("All selections"), "projects", N_("All notices, failed and withdrawn ones left out.")),
        Column("direct_share", N_("Share of the number"), "share", N_("Direct selections ÷ all selections.")),
        Column("direct_amount", N_("Direct amount"), "fen", N_("Prices or ceilings of the direct selections.")),
        Column("amount", N_("Whole amount"), "fen", N_("Prices or ceilings of all selections.")),
        Column("amount_share", N_("Share of the amount"), "share", N_("Direct amount ÷ whole amount.")),
    ),
    headline="direct_share",
    source=Source(
        tables="project p",
        fields="p.method, p.amount_fen",
        where="p.stage NOT IN ('failed', 'withdrawn')",
        measures="count(*) FILTER (WHERE method = 'direct') AS direct, count(*) AS posted,"
                 " coalesce(sum(amount_fen) FILTER (WHERE method = 'direct'), 0)::bigint AS direct_amount,"
                 " coalesce(sum(amount_fen), 0)::bigint AS amount",
        moment="p.published_at",
        own={"named_owner": "p.owner_id::text"},
    ),
    drawing=Drawing("bars", ("direct_share", "amount_share")),
    drawings={"month": Drawing("bar", ("direct_share", "amount_share"))},
    sentence=_sentence,
    shares=_shares,
    worth=lambda values: bool(values["direct"]),
)  # fmt: skip
