"""The only writers of the experts' tables."""

from projects.experts.actions.further import draw_further, due_draws
from projects.experts.actions.inviting import NO_PANEL_JOB
from projects.experts.actions.panels import (
    DECIDE_JOB,
    FrozenCandidates,
    draw_panel,
    freeze_candidates,
    size_for,
)
from projects.experts.actions.pool import (
    Application,
    Declared,
    leave,
    open_application,
    record_assessment,
    record_service,
    record_training,
    review,
    save_application,
    submit,
    suspend,
)
from projects.experts.actions.proposals import (
    HandedProposal,
    ReadProposal,
    keep_encrypted,
    open_proposals,
    read_proposals,
)
from projects.experts.actions.scoring import (
    accept,
    band_of,
    fingerprint,
    marks_hash,
    replace_absent,
    save_marks,
    sign,
    step_down,
)

__all__ = [
    "DECIDE_JOB",
    "NO_PANEL_JOB",
    "Application",
    "Declared",
    "FrozenCandidates",
    "HandedProposal",
    "ReadProposal",
    "accept",
    "band_of",
    "draw_further",
    "draw_panel",
    "due_draws",
    "fingerprint",
    "freeze_candidates",
    "keep_encrypted",
    "leave",
    "marks_hash",
    "open_application",
    "open_proposals",
    "read_proposals",
    "record_assessment",
    "record_service",
    "record_training",
    "replace_absent",
    "review",
    "save_application",
    "save_marks",
    "sign",
    "size_for",
    "step_down",
    "submit",
    "suspend",
]
