from projects.selection.actions.annulment import annul_selection
from projects.selection.actions.bids import submit_bid, void_bids
from projects.selection.actions.decisions import decide
from projects.selection.actions.objections import (
    Answer,
    answer_objection,
    join_objections,
    raise_objection,
    state_view,
    withdraw_objection,
)
from projects.selection.actions.openings import erase_unopened
from projects.selection.actions.pools import freeze, redraw, reopen
from projects.selection.actions.rounds import commit_round
from projects.selection.actions.sign_ups import abandon, sign_up, withdraw, withdraw_reserve
from projects.selection.actions.wishes import SealedBid, SignUpOffer, Taken

__all__ = [
    "Answer",
    "SealedBid",
    "SignUpOffer",
    "Taken",
    "abandon",
    "annul_selection",
    "answer_objection",
    "commit_round",
    "decide",
    "erase_unopened",
    "freeze",
    "join_objections",
    "raise_objection",
    "redraw",
    "reopen",
    "sign_up",
    "state_view",
    "submit_bid",
    "void_bids",
    "withdraw",
    "withdraw_objection",
    "withdraw_reserve",
]
