from ratings.credit import jobs as credit
from ratings.decisions import jobs as decisions
from ratings.evaluations import jobs as evaluations

__all__ = ["credit", "decisions", "evaluations"]
