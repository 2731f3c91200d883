"""What may be published, what an amendment does, and when a notice may still be withdrawn. Pure."""

from projects.posting.rules.amendment import (
    AMENDABLE,
    RESTARTING,
    check_amendment,
    check_still_open,
    differences,
    restarts_window,
)
from projects.posting.rules.demand import check_invited, check_matching, check_qualifications
from projects.posting.rules.funds import check_limits, check_splitting
from projects.posting.rules.method import check_bidding, check_direct, check_panel, check_reason, check_weights
from projects.posting.rules.milestones import check_milestones
from projects.posting.rules.neutral import check_neutral, restrictions_in
from projects.posting.rules.notice import EarlierJob, Finding, Notice, refuse_bad
from projects.posting.rules.window import (
    check_listed,
    check_paused,
    check_reposts,
    check_window,
    earliest_close,
    shortest_window,
)

__all__ = [
    "AMENDABLE",
    "RESTARTING",
    "EarlierJob",
    "Finding",
    "Notice",
    "check_amendment",
    "check_bidding",
    "check_direct",
    "check_invited",
    "check_limits",
    "check_listed",
    "check_matching",
    "check_milestones",
    "check_neutral",
    "check_panel",
    "check_paused",
    "check_qualifications",
    "check_reason",
    "check_reposts",
    "check_splitting",
    "check_still_open",
    "check_weights",
    "check_window",
    "differences",
    "earliest_close",
    "refuse_bad",
    "restarts_window",
    "restrictions_in",
    "shortest_window",
]
