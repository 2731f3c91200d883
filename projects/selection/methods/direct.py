"""Direct selection (直接选取): the owner names one agency and a reason; it takes the job by signing up, or nobody does.

Allowed only where the rulebook lets owners pick freely, or after selections that failed. Evidence: {"reason"}.
"""

from __future__ import annotations

from market.kernel.i18n import N_
from projects.selection.methods.method import EntryKind
from projects.selection.methods.named import Named

CODE = "direct"
METHOD = Named(
    code=CODE,
    name=N_("Direct selection"),
    sentence=N_(
        "The owner names one agency, with a reason that everybody can read. It may take the job at the fixed price or leave it; nothing is left to chance."
    ),
    checkable=N_(
        "The agency, the reason and the limit below which owners may pick freely are public, and so is the share of direct selections of every owner."
    ),
    entry=EntryKind.SIGN_UP,
    states=("reason",),
).method()
