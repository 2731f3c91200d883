"""The only writers of the experts' tables."""

from projects.experts.actions.panels import FrozenCandidates, draw_panel, freeze_candidates

__all__ = ["FrozenCandidates", "draw_panel", "freeze_candidates"]
