"""Message ids for the codes that pages show."""

from __future__ import annotations

from collections.abc import Mapping

from market.catalogue.rules import Force, Needs, Unit
from market.kernel.i18n import N_

# Money, shares, texts and yes-or-no need no unit beside them.
UNITS: Mapping[Unit, str] = {
    Unit.WORKING_DAYS: N_("working days"),
    Unit.CALENDAR_DAYS: N_("calendar days"),
    Unit.SECONDS: N_("seconds"),
    Unit.MINUTES: N_("minutes"),
    Unit.MONTHS: N_("months"),
    Unit.YEARS: N_("years"),
    Unit.PERIODS: N_("beacon periods"),
    Unit.POINTS: N_("points"),
    Unit.STARS: N_("stars"),
}

# What rules whose values are codes say with them; a code that is missing here is a name of its own (an algorithm, a day).
TEXTS: Mapping[str, str] = {
    "bribery": N_("Records of bribery crimes"),
    "judgment_defaulters": N_("Dishonest judgment debtors (courts)"),
    "serious_violators": N_("Serious violators (market regulation)"),
    "abnormal_operations": N_("Directory of abnormal operations (market regulation)"),
    "tax_offenders": N_("Major tax offenders"),
    "emergency": N_("Emergencies"),
    "accident-investigation": N_("Urgent accident investigations"),
    "state-security": N_("State secrets"),
    "lowest-over-own": N_("Lowest valid price over own price"),
    "delivery-overdue": N_("Delivery overdue in spite of a warning"),
    "payment-overdue": N_("Payment overdue in spite of a warning"),
    "force-majeure": N_("Force majeure"),
    "barred": N_("The agency left the market or is barred"),
    "correction": N_("Correction of materials"),
    "expert-review": N_("Expert review"),
    "sampling": N_("Tests and sampling"),
    "site-not-ready": N_("Site not ready"),
    "reminder": N_("Reminder"),
    "talk": N_("Talk with those responsible"),
    "warning": N_("Warning"),
    "pause": N_("Pause"),
    "report": N_("Report to the superior authority"),
    "removal": N_("Removal from the market"),
    "restricted": N_("Restricted list of the platform"),
    "quality": N_("Quality of the work"),
    "timeliness": N_("Timeliness"),
    "attitude": N_("Attitude"),
    "charge": N_("Charges"),
    "conduct": N_("Professional conduct"),
    "payment": N_("Payment on time"),
    "clarity": N_("Clarity of what was asked"),
    "cooperation": N_("Cooperation"),
}

FORCES: Mapping[Force, str] = {
    Force.REQUIRED: N_("Licence required by law"),
    Force.FILING: N_("Filing required by law"),
    Force.VOLUNTARY: N_("Voluntary"),
    Force.ABOLISHED: N_("Abolished"),
}

# How a list of requirements, or the items of a bundle, are meant.
REQUIREMENTS: Mapping[Needs, str] = {
    Needs.ANY: N_("One of these is enough:"),
    Needs.ALL: N_("All of these are needed:"),
}
BUNDLES: Mapping[Needs, str] = {
    Needs.ANY: N_("An agency may offer any of the services"),
    Needs.ALL: N_("One agency must be able to perform all of the services"),
}
