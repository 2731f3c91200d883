"""Outside tender (公开招标结果登记): a tender held elsewhere chose the agency, and its result is registered here.

Evidence: {"notice_number", "platform", "files": [SHA-256 of the published documents, …]}.
"""

from __future__ import annotations

from market.kernel.i18n import N_
from projects.selection.methods.method import EntryKind
from projects.selection.methods.named import Named

CODE = "outside_tender"
METHOD = Named(
    code=CODE,
    name=N_("Result of an outside tender"),
    sentence=N_(
        "A tender outside this market chose the agency. The owner registers its result with the number of the notice and the documents; the market decides nothing itself."
    ),
    checkable=N_(
        "The notice number leads to the tender on the platform that held it; the documents filed here can be compared with those published there by their hashes."
    ),
    entry=EntryKind.NONE,
    states=("notice_number", "platform", "files"),
).method()
