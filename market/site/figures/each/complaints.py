"""Objections, complaints and tips: how many, answered in time, upheld."""

from __future__ import annotations

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.site.figures.each.shared import AGENCY_CLASSES, OF_PROJECT
from market.site.figures.model import Column, Drawing, Figure, Source, Values
from market.site.rules.figures import share
from market.web.display import percent

_TOLD = f"""
SELECT {OF_PROJECT}, 'objection' AS kind, b.raised_at AS at, b.answer_due_at AS due_at, b.answered_at, b.withdrawn_at,
       b.decision IS NOT DISTINCT FROM 'upheld' AS upheld
FROM objection b JOIN project q ON q.id = b.project_id
UNION ALL
SELECT {OF_PROJECT}, 'complaint', c.filed_at, coalesce(c.decision_due_at, c.acceptance_due_at), coalesce(c.decided_at, c.refused_at),
       c.withdrawn_at, c.decision IS NOT DISTINCT FROM 'upheld'
FROM complaint c JOIN project q ON q.id = c.project_id
UNION ALL
SELECT coalesce(q.region_code, o.region_code, ''), coalesce(q.service_classes, CASE WHEN a.organisation_id IS NOT NULL
       THEN {AGENCY_CLASSES} END, ''), coalesce(q.service_items, a.service_items, '{{{{}}}}'), q.catalogue_version, q.method,
       q.owner_id, 'tip', t.told_at, coalesce(t.answer_due_at, t.take_up_due_at), t.answered_at, t.withdrawn_at,
       t.outcome IS NOT DISTINCT FROM 'founded'
FROM tip t LEFT JOIN project q ON q.id = t.project_id
LEFT JOIN organisation o ON o.id = t.accused_id AND t.about = 'firm' LEFT JOIN agency a ON a.organisation_id = o.id
"""


def _shares(values: Values) -> Values:
    return {
        "in_time_rate": share(values["in_time"], (values["answered"] or 0) + (values["overdue"] or 0)),
        "upheld_share": share(values["upheld"], values["answered"]),
    }


def _sentence(values: Values) -> Message:
    if not values["received"]:
        return Message(N_("Nothing was received."))
    return Message(
        N_("{received} were received and {answered} answered, {rate} of them in time; {upheld} were upheld."),
        {"received": values["received"], "answered": values["answered"], "rate": percent(values["in_time_rate"]),
         "upheld": values["upheld"]},
    )  # fmt: skip


FIGURE = Figure(
    id="complaints",
    title=N_("Objections, complaints, tips"),
    question=N_("Are complaints answered in time, and how many are upheld?"),
    definition=N_("Objections to results, complaints about the answers to them, and tips about breaches. In time: answered by the day that was set, ÷ all that are answered or overdue. Complaints that were not accepted count as answered. Tips are told in numbers only."),
    dated=N_("by the day on which it was received"),
    breakdowns=("kind", "month", "region", "class", "method"),
    columns=(
        Column("received", N_("Cases received"), "acts", N_("All that came in.")),
        Column("withdrawn", N_("Cases withdrawn"), "acts", N_("Of these, withdrawn by whoever brought them.")),
        Column("answered", N_("Cases answered"), "acts", N_("Of these, answered or decided.")),
        Column("in_time", N_("Answered in time"), "acts", N_("Of these, by the day that was set.")),
        Column("overdue", N_("Cases overdue"), "acts", N_("Neither answered nor withdrawn, and the day is over.")),
        Column("in_time_rate", N_("Share answered in time"), "share", N_("Answered in time ÷ (answered + overdue).")),
        Column("upheld", N_("Cases upheld"), "acts", N_("Objections and complaints upheld, tips found to be true.")),
        Column("upheld_share", N_("Share upheld"), "share", N_("Upheld ÷ answered.")),
    ),
    headline="in_time_rate",
    source=Source(
        tables=f"({_TOLD}) p",
        fields="p.answered_at, p.withdrawn_at, p.upheld, p.answered_at <= p.due_at AS in_time,"
               " p.answered_at IS NULL AND p.withdrawn_at IS NULL AND p.due_at <= {now}::timestamptz AS overdue",
        measures="count(*) AS received, count(withdrawn_at) AS withdrawn, count(answered_at) AS answered,"
                 " count(*) FILTER (WHERE in_time) AS in_time, count(*) FILTER (WHERE overdue) AS overdue,"
                 " count(*) FILTER (WHERE upheld) AS upheld",
        moment="p.at",
        own={"kind": "p.kind"},
    ),
    drawing=Drawing("bars", ("received", "answered", "upheld"), nested=True),
    drawings={"month": Drawing("bar", ("received", "answered", "upheld"), nested=True)},
    names={"objection": N_("Objections to results"), "complaint": N_("Complaints to regulators"), "tip": N_("Tips")},
    sentence=_sentence,
    shares=_shares,
    limits=("objection.answer_days", "complaint.decision_days", "tip.take_up_days", "tip.answer_days"),
    guarded="received",
)  # fmt: skip
