"""How far projects come, from the notice to the rating."""

from __future__ import annotations

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.site.figures.each.shared import BY_NOTICE, PROJECT_BREAKDOWNS
from market.site.figures.model import Column, Drawing, Figure, Source, Values
from market.site.rules.figures import share
from market.web.display import percent

STEPS = ("posted", "selected", "signed", "fulfilled", "paid", "rated")
# Projects of which nothing is owed any more, and something was.
_PAID = """
SELECT y.subject FROM payable y LEFT JOIN payment t ON t.payable_id = y.id AND t.state IN ('held', 'settling', 'settled')
LEFT JOIN bank_transfer b ON b.payable_id = y.id AND b.answer = 'confirmed'
WHERE y.cancelled_at IS NULL GROUP BY y.subject HAVING bool_and(t.id IS NOT NULL OR b.id IS NOT NULL)
"""


def _shares(values: Values) -> Values:
    return {"fulfilled_share": share(values["fulfilled"], values["posted"])}


def _sentence(values: Values) -> Message:
    return Message(
        N_("Of {posted} projects {selected} were selected, {signed} signed and {fulfilled} fulfilled ({share})."),
        {name: values[name] for name in STEPS} | {"share": percent(values["fulfilled_share"])},
    )


FIGURE = Figure(
    id="funnel",
    title=N_("From notice to rating"),
    question=N_("How far do projects come?"),
    definition=N_("All steps count the same projects: those whose notice was published in the period. A later step can never count more than the one before it, but for paid and rated, which come in either order."),
    dated=BY_NOTICE,
    breakdowns=PROJECT_BREAKDOWNS,
    columns=(
        Column("posted", N_("Posted"), "projects", N_("Notices published in the period, also those that failed or were withdrawn later.")),
        Column("selected", N_("Agency selected"), "projects", N_("Of these, projects for which an agency was selected and the result notice ended without an open objection.")),
        Column("signed", N_("Signed"), "projects", N_("Of these, projects whose contract both sides have signed.")),
        Column("fulfilled", N_("Fulfilled"), "projects", N_("Of these, projects whose results the owner accepted, or that counted as accepted after its silence.")),
        Column("paid", N_("Paid in full"), "projects", N_("Of these, fulfilled projects of which the owner has paid everything that was owed.")),
        Column("rated", N_("Rated"), "projects", N_("Of these, projects whose owner rated the agency, once the rating was published.")),
        Column("failed", N_("Failed"), "projects", N_("Of these, projects whose selection failed.")),
        Column("withdrawn", N_("Withdrawn"), "projects", N_("Of these, notices that their owners withdrew.")),
        Column("fulfilled_share", N_("Share fulfilled"), "share", N_("Fulfilled ÷ posted.")),
    ),
    headline="posted",
    source=Source(
        tables=f"project p LEFT JOIN ({_PAID}) y ON y.subject = p.number LEFT JOIN rating r ON r.project_id = p.id"
               " AND r.side = 'owner' AND r.revealed_at IS NOT NULL",
        fields="p.result_final_at, p.signed_at, p.accepted_at, p.failed_at, p.withdrawn_at, y.subject AS paid, r.id AS rated",
        measures="count(*) AS posted, count(result_final_at) AS selected, count(signed_at) AS signed,"
                 " count(accepted_at) AS fulfilled, count(paid) FILTER (WHERE accepted_at IS NOT NULL) AS paid,"
                 " count(rated) AS rated, count(failed_at) AS failed, count(withdrawn_at) AS withdrawn",
        moment="p.published_at",
    ),
    drawing=Drawing("bars", ("posted", "selected", "signed", "fulfilled"), nested=True),
    drawings={"month": Drawing("bar", ("posted", "selected", "signed", "fulfilled"), nested=True)},
    sentence=_sentence,
    shares=_shares,
)  # fmt: skip
