"""What the storefront calls things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from market.kernel.i18n import N_

# The headline figures of the front page; the same words define the columns of the statistics.
DEFINITIONS: Final[Mapping[str, str]] = {
    "posted": N_("Notices published in the period, also those that failed or were withdrawn later."),
    "selected": N_("Of these, projects for which an agency was selected and the result notice ended without an open objection."),
    "saved": N_("Estimate less price, over all projects that have both an estimate and a final result."),
    "on_time": N_("Fulfilled projects of which no delivery came later than its limit ÷ all fulfilled projects."),
}  # fmt: skip
KINDS: Final[Mapping[str, str]] = {
    "projects": N_("Projects"),
    "results": N_("Results"),
    "announcements": N_("Announcements"),
    "agencies": N_("Agencies"),
    "items": N_("Service items"),
    "rules": N_("Rules"),
    "guides": N_("Help pages"),
    "words": N_("search for this"),
}
# What an open step waits for, and for whom where it is not an organisation of the project.
STEPS: Final[Mapping[str, str]] = {
    "sign_up": N_("Sign-up is open"),
    "drawing": N_("The draw, or the opening of the bids"),
    "evaluation": N_("Marks of the experts"),
    "notice": N_("Public notice of the result"),
    "objection": N_("Answer to an objection"),
    "acceptance": N_("Acceptance of a complaint"),
    "correction": N_("Correction of a complaint"),
    "complaint": N_("Decision on a complaint"),
    "signing": N_("Signature of the contract"),
    "delivery": N_("Delivery of the results"),
    "answer": N_("Acceptance or return of the results"),
    "rating": N_("Ratings"),
    "entry": N_("Review of an agency's application"),
}
TURNS: Final[Mapping[str, str]] = {
    "sign_up": N_("agencies"),
    "drawing": N_("the public beacon"),
    "evaluation": N_("the experts"),
    "notice": N_("whoever took part"),
    "objection": N_("the operator"),
    "acceptance": N_("the regulator"),
    "complaint": N_("the regulator"),
    "entry": N_("the operator"),
}
AGENCY_STAGES: Final[Mapping[str, str]] = {
    "draft": N_("application not yet submitted"),
    "submitted": N_("application under review"),
    "returned": N_("application returned for correction"),
    "notice": N_("entry under public notice"),
    "admitted": N_("admitted to the market"),
    "refused": N_("entry refused"),
    "exited": N_("left the market"),
}
