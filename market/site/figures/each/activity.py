"""How active agencies are."""

from __future__ import annotations

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.site.figures.each.shared import AGENCY_CLASSES, OF_PROJECT
from market.site.figures.model import Column, Drawing, Figure, Source, Values

# A sign-up is told once its pool is frozen: until then nobody may know who takes part, nor how many of which class.
_ACTS = f"""
SELECT o.region_code, {AGENCY_CLASSES} AS service_classes, a.service_items, NULL::text AS catalogue_version,
       NULL::text AS method, NULL::uuid AS owner_id, a.admitted_at AS at, 'admitted' AS act, a.organisation_id AS agency
FROM agency a JOIN organisation o ON o.id = a.organisation_id WHERE a.admitted_at IS NOT NULL
UNION ALL
SELECT {OF_PROJECT}, s.signed_up_at, 'sign_up', s.agency_id
FROM sign_up s JOIN project q ON q.id = s.project_id WHERE q.frozen_at IS NOT NULL
UNION ALL
SELECT {OF_PROJECT}, q.result_final_at, 'won', q.winner_id FROM project q WHERE q.result_final_at IS NOT NULL AND q.winner_id IS NOT NULL
"""


def _sentence(values: Values) -> Message:
    return Message(
        N_(
            "{admitted} agencies were admitted; {bidders} signed up {sign_ups} times, and {winners} of them won {won} projects."
        ),
        {name: values[name] for name in ("admitted", "bidders", "sign_ups", "winners", "won")},
    )


FIGURE = Figure(
    id="activity",
    title=N_("Activity of agencies"),
    question=N_("How active are the agencies?"),
    definition=N_("Agencies admitted, by their own place; sign-ups and wins, by the place of the project. A sign-up is counted once the pool of its project is frozen, a win once its result is final: before that nobody may know."),
    dated=N_("by the day of the act itself"),
    breakdowns=("month", "region", "class", "method", "owner"),
    columns=(
        Column("admitted", N_("Admitted"), "agencies", N_("Agencies that entered the market.")),
        Column("sign_ups", N_("Sign-ups"), "acts", N_("Sign-ups for projects whose pool is frozen, withdrawn ones included.")),
        Column("bidders", N_("Agencies signing up"), "agencies", N_("Different agencies among them.")),
        Column("won", N_("Projects won"), "projects", N_("Results that became final.")),
        Column("winners", N_("Winning agencies"), "agencies", N_("Different agencies among them.")),
    ),
    headline="bidders",
    source=Source(
        tables=f"({_ACTS}) p",
        fields="p.act, p.agency",
        alike=True,
        fold="(SELECT key, act, agency, sum(n) AS n FROM {rows} GROUP BY key, act, agency) counted",
        measures="count(*) FILTER (WHERE act = 'admitted') AS admitted,"
                 " coalesce(sum(n) FILTER (WHERE act = 'sign_up'), 0)::bigint AS sign_ups,"
                 " count(*) FILTER (WHERE act = 'sign_up') AS bidders,"
                 " coalesce(sum(n) FILTER (WHERE act = 'won'), 0)::bigint AS won, count(*) FILTER (WHERE act = 'won') AS winners",
        moment="p.at",
        agency="p.agency",
    ),
    drawing=Drawing("bars", ("sign_ups", "won")),
    drawings={"month": Drawing("bar", ("sign_ups", "bidders", "won"))},
    sentence=_sentence,
)  # fmt: skip
