from ratings.credit.rules.kinds import ACTS, KINDS, OWNER_KINDS, Charge, charges, low_rating, points_text
from ratings.credit.rules.pauses import Pause, PauseRules, Tier, pauses, suspended_by, warning
from ratings.credit.rules.red import RedRules, loses_red, may_be_red
from ratings.credit.rules.score import (
    CORRECTION,
    CreditRules,
    Event,
    Line,
    Score,
    late_delivery_points,
    next_change,
    not_cancelled,
    score,
)

__all__ = [
    "ACTS",
    "CORRECTION",
    "KINDS",
    "OWNER_KINDS",
    "Charge",
    "CreditRules",
    "Event",
    "Line",
    "Pause",
    "PauseRules",
    "RedRules",
    "Score",
    "Tier",
    "charges",
    "late_delivery_points",
    "loses_red",
    "low_rating",
    "may_be_red",
    "next_change",
    "not_cancelled",
    "pauses",
    "points_text",
    "score",
    "suspended_by",
    "warning",
]
