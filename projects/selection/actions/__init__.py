from projects.selection.actions.rounds import commit_round

__all__ = ["commit_round"]
