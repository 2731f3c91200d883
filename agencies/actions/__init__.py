"""The only writers of the agencies' tables."""

from agencies.actions.agency_row import Terms
from agencies.actions.application import (
    accept_commitment,
    apply_again,
    open_application,
    save_firm,
    save_licence,
    save_services,
    submit,
    withdraw_application,
    withdraw_change,
)
from agencies.actions.items import (
    AUTHORISED,
    KINDS,
    PRACTITIONER,
    QUALIFICATION,
    remove_row,
    save_authorised,
    save_practitioner,
    save_qualification,
)
from agencies.actions.life import end_one_removed, finish_one_due, leave, warn_expiring
from agencies.actions.review import review_application, review_changes, review_items, stop_entry
from agencies.actions.standing import hold_standing, lock_lists, set_standing

__all__ = [
    "AUTHORISED",
    "KINDS",
    "PRACTITIONER",
    "QUALIFICATION",
    "Terms",
    "accept_commitment",
    "apply_again",
    "end_one_removed",
    "finish_one_due",
    "hold_standing",
    "leave",
    "lock_lists",
    "open_application",
    "remove_row",
    "review_application",
    "review_changes",
    "review_items",
    "save_authorised",
    "save_firm",
    "save_licence",
    "save_practitioner",
    "save_qualification",
    "save_services",
    "set_standing",
    "stop_entry",
    "submit",
    "warn_expiring",
    "withdraw_application",
    "withdraw_change",
]
