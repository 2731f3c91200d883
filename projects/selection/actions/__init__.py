from projects.selection.actions.bids import void_bids
from projects.selection.actions.draws import draw
from projects.selection.actions.objections import Answer, answer_objection, raise_objection, withdraw_objection
from projects.selection.actions.pools import freeze, redraw, reopen
from projects.selection.actions.rounds import commit_round
from projects.selection.actions.sign_ups import SignUpOffer, abandon, sign_up, withdraw

__all__ = [
    "Answer",
    "SignUpOffer",
    "abandon",
    "answer_objection",
    "commit_round",
    "draw",
    "freeze",
    "raise_objection",
    "redraw",
    "reopen",
    "sign_up",
    "void_bids",
    "withdraw",
    "withdraw_objection",
]
