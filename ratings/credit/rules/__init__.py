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
    "points_text",
    "low_rating",
    "charges",
    "Charge",
    "OWNER_KINDS",
    "KINDS",
    "ACTS",
    "CORRECTION",
    "CreditRules",
    "Event",
    "Line",
    "Pause",
    "PauseRules",
    "RedRules",
    "Score",
    "Tier",
    "late_delivery_points",
    "loses_red",
    "may_be_red",
    "next_change",
    "not_cancelled",
    "pauses",
    "score",
    "suspended_by",
    "warning",
]
