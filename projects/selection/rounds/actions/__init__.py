from projects.selection.rounds.actions.annulment import annul_selection
from projects.selection.rounds.actions.commitment import commit_round
from projects.selection.rounds.actions.decisions import decide
from projects.selection.rounds.actions.openings import erase_unopened
from projects.selection.rounds.actions.pools import freeze, redraw, reopen

__all__ = ["annul_selection", "commit_round", "decide", "erase_unopened", "freeze", "redraw", "reopen"]
