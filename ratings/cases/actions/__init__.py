from ratings.cases.actions.appealing import NewAppeal, appeal, decide_appeal
from ratings.cases.actions.deciding import Ruling, decide
from ratings.cases.actions.hearing import Statement, set_hearing, state, write_minutes
from ratings.cases.actions.opening import NewCase, Notice, notify, open_case
from ratings.cases.actions.repairing import RepairRequest, ask_repair, decide_repair
from ratings.cases.actions.talking import Minutes, set_talk, write_talk

__all__ = [
    "Minutes",
    "NewAppeal",
    "NewCase",
    "Notice",
    "RepairRequest",
    "Ruling",
    "Statement",
    "appeal",
    "ask_repair",
    "decide",
    "decide_appeal",
    "decide_repair",
    "notify",
    "open_case",
    "set_hearing",
    "set_talk",
    "state",
    "write_minutes",
    "write_talk",
]
