from ratings.cases import jobs as cases
from ratings.credit import jobs as credit
from ratings.decisions import jobs as decisions
from ratings.evaluations import jobs as evaluations
from ratings.flags import jobs as flags
from ratings.follow_up import jobs as follow_up
from ratings.imported import jobs as imported
from ratings.trials import jobs as trials

__all__ = ["cases", "credit", "decisions", "evaluations", "flags", "follow_up", "imported", "trials"]
