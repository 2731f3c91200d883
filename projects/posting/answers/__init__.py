"""What was typed into a notice: how it becomes a Notice, and how a Notice becomes answers again."""

from projects.posting.answers.notice import (
    LABELS,
    LONGEST,
    MOST_ITEMS,
    NEED,
    avoided_rows,
    chosen_needs,
    form_of,
    known_items,
    levels_allowed,
    need_name,
    need_values,
    offered_needs,
    parse,
    usual_mode,
    values_of,
)

__all__ = [
    "LABELS",
    "LONGEST",
    "MOST_ITEMS",
    "NEED",
    "avoided_rows",
    "chosen_needs",
    "form_of",
    "known_items",
    "levels_allowed",
    "need_name",
    "need_values",
    "offered_needs",
    "parse",
    "usual_mode",
    "values_of",
]
