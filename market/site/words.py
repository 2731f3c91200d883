"""What the storefront calls things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from market.kernel.i18n import N_

# Columns of the statistics, in the order of their tables and files: attribute of Tally -> name.
COLUMNS: Final[Mapping[str, str]] = {
    "posted": N_("Posted"),
    "selected": N_("Agency selected"),
    "signed": N_("Signed"),
    "fulfilled": N_("Fulfilled"),
    "failed": N_("Failed"),
    "withdrawn": N_("Withdrawn"),
    "on_time": N_("Fulfilled in time"),
    "priced": N_("With estimate and result"),
    "judged": N_("Reports decided on by authorities"),
    "passed_first": N_("Passed the first time"),
}
FUNNEL: Final = ("posted", "selected", "signed", "fulfilled")
DEFINITIONS: Final[Mapping[str, str]] = {
    "posted": N_("Notices published in the period, also those that failed or were withdrawn later."),
    "selected": N_("Of these, projects for which an agency was selected and the result notice ended without an open objection."),
    "signed": N_("Of these, projects whose contract both sides have signed."),
    "fulfilled": N_("Of these, projects whose results the owner accepted, or that counted as accepted after its silence."),
    "saved": N_("Estimate less price, over all projects that have both an estimate and a final result."),
    "saving_rate": N_("Saved amount ÷ estimates, over the projects that have both an estimate and a final result; rounded half up to two decimals."),
    "on_time": N_("Fulfilled projects of which no delivery came later than its limit ÷ all fulfilled projects."),
    "passed_first": N_("Projects whose reports passed the approval authority without a return ÷ all projects with a recorded verdict. Corrected records do not count."),
    "time": N_("From one moment to the other as the register has them, nights and holidays included: the middle project, and the one that nine in ten were quicker than."),
    "region": N_("By the place of the project, at the widest level at which there is a difference."),
    "class": N_("By the class of the service items. A project with services of several classes counts once in each of them."),
    "month": N_("By the month (Beijing time) in which the notice was published."),
    "method": N_("By the way in which the agency was selected."),
    "direct": N_("Direct selections of each owner by the year of their notice, with what all its notices of that year came to; failed and withdrawn ones are left out. An amount is the price, or the ceiling until bids have decided."),
}  # fmt: skip
STAGE_TIMES: Final[Mapping[str, str]] = {
    "sign_up": N_("Notice to close of sign-up"),
    "draw": N_("Close of sign-up to result"),
    "notice": N_("Result to final result"),
    "contract": N_("Final result to contract"),
    "fulfilment": N_("Contract to acceptance"),
    "whole": N_("Notice to acceptance"),
}
KINDS: Final[Mapping[str, str]] = {
    "projects": N_("Projects"),
    "results": N_("Results"),
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
