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
