from __future__ import annotations

from typing import Any

from ratings.cases import panels as case_panels
from ratings.cases.routes import routes as cases
from ratings.cases.routes.published import routes as published
from ratings.credit.owner_routes import routes as owners
from ratings.credit.routes import routes as credit
from ratings.decisions import panels as decision_panels
from ratings.decisions.routes import routes as decisions
from ratings.evaluations import panels as evaluation_panels
from ratings.evaluations.routes import routes as evaluations
from ratings.flags import panels as flag_panels
from ratings.flags.routes import routes as flags
from ratings.follow_up import panels as follow_up_panels
from ratings.follow_up.routes import routes as follow_up
from ratings.honours import panels as honour_panels
from ratings.honours.routes import routes as honours
from ratings.imported import panels as imported_panels
from ratings.imported.routes import routes as imported
from ratings.lists import panels as list_panels
from ratings.lists.routes import routes as lists
from ratings.tips import panels as tip_panels
from ratings.tips.routes import routes as tips
from ratings.trials.routes import routes as trials

# Imported for what they register: parts of pages and of work benches.
PANELS = (
    case_panels,
    decision_panels,
    evaluation_panels,
    flag_panels,
    follow_up_panels,
    honour_panels,
    imported_panels,
    list_panels,
    tip_panels,
)
routes: list[Any] = [
    *credit,
    *owners,
    *evaluations,
    *lists,
    *imported,
    *decisions,
    *flags,
    *follow_up,
    *honours,
    *tips,
    *trials,
    *cases,
    *published,
]
