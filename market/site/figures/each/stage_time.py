"""How long each step takes, and whether it ends within the limit that the rulebook or the contract sets it."""

from __future__ import annotations

from datetime import timedelta

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.site.figures.each.shared import BY_NOTICE, OF_PROJECT, PROJECT_BREAKDOWNS
from market.site.figures.model import Column, Drawing, Figure, Source, Values
from market.site.rules.figures import share
from market.web.display import percent

STAGES = {
    "sign_up": N_("Notice to close of sign-up"),
    "draw": N_("Close of sign-up to result"),
    "notice": N_("Result to final result"),
    "contract": N_("Final result to contract"),
    "delivery": N_("Contract to first delivery"),
    "answer": N_("Delivery to the owner's answer"),
    "payment": N_("Delivery to payment"),
    "rating": N_("Acceptance to rating"),
    "whole": N_("Notice to acceptance"),
}
_NO_LIMIT = "NULL::boolean"


def _arm(stage: str, began: str, ended: str, within: str, joined: str = "", where: str = "true") -> str:
    return (
        f"SELECT {OF_PROJECT}, q.published_at, '{stage}' AS stage, extract(epoch FROM {ended} - {began})::bigint AS took,"
        f" {within} AS within FROM project q {joined} WHERE {began} IS NOT NULL AND {ended} IS NOT NULL AND {where}"
    )


# Both steps of a delivery from one reading; the first of a milestone is told by its number where it is 1.
_DELIVERED = f"""
SELECT {OF_PROJECT}, q.published_at, s.stage, extract(epoch FROM s.ended - s.began)::bigint, s.within
FROM project q JOIN contract c ON c.project_id = q.id JOIN delivery d ON d.contract_id = c.id
LEFT JOIN contract_milestone m ON m.id = d.milestone_id AND (d.no = 1 OR NOT EXISTS (SELECT FROM delivery e
    WHERE e.milestone_id = d.milestone_id AND e.contract_id = d.contract_id AND e.no < d.no))
CROSS JOIN LATERAL (VALUES ('delivery', m.started_at, d.delivered_at, d.late_days = 0),
    ('answer', d.delivered_at, d.decided_at, d.decision <> 'accepted_by_silence')) s (stage, began, ended, within)
WHERE s.began IS NOT NULL AND s.ended IS NOT NULL
"""
_STEPS = " UNION ALL ".join((
    _arm("sign_up", "q.published_at", "q.frozen_at", _NO_LIMIT),
    _arm("draw", "q.frozen_at", "q.drawn_at", _NO_LIMIT),
    _arm("notice", "q.drawn_at", "q.result_final_at", _NO_LIMIT),
    _arm("contract", "c.created_at", "c.in_force_at",
         "c.in_force_at < coalesce(h.until, c.sign_due_at)", "JOIN contract c ON c.project_id = q.id LEFT JOIN"
         " (SELECT contract_id, max(sign_due_at) AS until FROM signing_hold GROUP BY contract_id) h ON h.contract_id = c.id"),
    _DELIVERED,
    _arm("payment", "k.runs_from", "coalesce(t.paid_at, b.paid_on::timestamp AT TIME ZONE 'Asia/Shanghai' + interval '1 day')",
         "coalesce(v.late_days, 0) = 0", "JOIN contract c ON c.project_id = q.id JOIN payment_term k ON k.contract_id = c.id"
         " LEFT JOIN payment t ON t.payable_id = k.payable_id AND t.state IN ('held', 'settling', 'settled')"
         " LEFT JOIN bank_transfer b ON b.payable_id = k.payable_id AND b.answer = 'confirmed'"
         " LEFT JOIN overdue_payment v ON v.payable_id = k.payable_id",
         "coalesce(t.paid_at, b.paid_on::timestamp AT TIME ZONE 'Asia/Shanghai' + interval '1 day') >= k.runs_from"),
    _arm("rating", "w.opened_at", "r.rated_at", "r.rated_at < w.due_at",
         "JOIN rating_window w ON w.project_id = q.id JOIN rating r ON r.project_id = q.id AND r.side = 'owner'"
         " AND r.revealed_at IS NOT NULL"),
    _arm("whole", "q.published_at", "q.accepted_at", _NO_LIMIT),
))  # fmt: skip
# The times of a line speak of one stage: its own, or else of the whole way.
_OF_ONE = "FILTER (WHERE stage = 'whole' OR key::text = stage)"


def _shares(values: Values) -> Values:
    return {"within_share": share(values["within"], values["limited"])}


def _sentence(values: Values) -> Message:
    if values["median"] is None:
        return Message(
            N_("No project has come to its end yet; of the steps that have a limit {share} were finished within it."),
            {"share": percent(values["within_share"])},
        )
    return Message(
        N_(
            "The middle project took {median} from notice to acceptance; of the steps that have a limit {share} were finished within it."
        ),
        {"median": timedelta(seconds=values["median"]), "share": percent(values["within_share"])},
    )


FIGURE = Figure(
    id="stage-time",
    title=N_("Time of each step"),
    question=N_("How long does each step take, and is it done in time?"),
    definition=N_("From one moment to the other as the register has them, nights and holidays included: the middle step, and the one that nine in ten were quicker than. Only finished steps count. Whether a step was in time is judged by its own limit, with suspensions and holds; where the owner's silence accepted a delivery, the owner did not answer in time. The line of the whole, and lines of months, regions, classes, methods and owners, speak of the way from notice to acceptance."),
    dated=BY_NOTICE,
    breakdowns=("stage", *PROJECT_BREAKDOWNS),
    columns=(
        Column("steps", N_("Finished"), "acts", N_("Steps that were finished.")),
        Column("median", N_("The middle one"), "seconds", N_("Half of them were quicker.")),
        Column("ninth", N_("Nine in ten within"), "seconds", N_("Nine in ten were quicker.")),
        Column("limited", N_("With a limit"), "acts", N_("Finished steps that have a limit.")),
        Column("within", N_("In time"), "acts", N_("Of these, finished within their own limit.")),
        Column("within_share", N_("Share in time"), "share", N_("In time ÷ with a limit.")),
    ),
    headline="within_share",
    source=Source(
        tables=f"({_STEPS}) p",
        fields="p.stage, p.took, p.within",
        measures=f"count(*) {_OF_ONE} AS steps, percentile_disc(0.5) WITHIN GROUP (ORDER BY took) {_OF_ONE} AS median,"
                 f" percentile_disc(0.9) WITHIN GROUP (ORDER BY took) {_OF_ONE} AS ninth, count(within) AS limited,"
                 " count(*) FILTER (WHERE within) AS within",
        moment="p.published_at",
        speaking="(p.stage = 'whole' OR p.within IS NOT NULL)",
        own={"stage": "p.stage"},
    ),
    drawing=Drawing("bars", ("median", "ninth")),
    drawings={"month": Drawing("line", ("median", "ninth"))},
    names=STAGES,
    sentence=_sentence,
    shares=_shares,
    limits=("contract.sign_days", "payment.public_buyer_days", "payment.large_buyer_days", "rating.window_days"),
)  # fmt: skip
