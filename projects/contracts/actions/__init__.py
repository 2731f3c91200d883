from projects.contracts.actions.ending import annul, lapse, refuse
from projects.contracts.actions.opening import open_contract
from projects.contracts.actions.rows import lock_as_party
from projects.contracts.actions.signing import sign, sign_here

__all__ = ["annul", "lapse", "lock_as_party", "open_contract", "refuse", "sign", "sign_here"]
