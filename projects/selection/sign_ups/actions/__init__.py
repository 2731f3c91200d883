from projects.selection.sign_ups.actions.signing_up import abandon, sign_up, withdraw, withdraw_reserve
from projects.selection.sign_ups.actions.wishes import SealedBid, SignUpOffer, Taken

__all__ = ["SealedBid", "SignUpOffer", "Taken", "abandon", "sign_up", "withdraw", "withdraw_reserve"]
