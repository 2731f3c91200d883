"""Pure: what an agency is, what its application must hold, what may be decided on it."""

from agencies.rules.completeness import SECTION_NAMES, Application, Gap, ListedRow, Section, gaps, uncovered
from agencies.rules.expiry import EXPIRED, warning_due, warning_level
from agencies.rules.facts import (
    GOOD_STANDING,
    IMPORTED_LISTS,
    LIST_KEEPERS,
    AgencyFacts,
    HeldPractitioner,
    HeldQualification,
    Listing,
    Standing,
)
from agencies.rules.proposals import LONG_TERM, AuthorisedDetails, Certificate, FirmDetails, PractitionerDetails
from agencies.rules.review import (
    DECISION_ACTS,
    WHOLE_ITEMS,
    Decision,
    Verdict,
    already_decided,
    check_decision,
    check_verdicts,
    returned_of,
)
from agencies.rules.stages import OPEN_STAGES, PUBLIC_STAGES, TRANSITIONS, Act, Facts, Stage, stage_of

__all__ = [
    "DECISION_ACTS",
    "EXPIRED",
    "GOOD_STANDING",
    "IMPORTED_LISTS",
    "LIST_KEEPERS",
    "LONG_TERM",
    "OPEN_STAGES",
    "PUBLIC_STAGES",
    "SECTION_NAMES",
    "TRANSITIONS",
    "WHOLE_ITEMS",
    "Act",
    "AgencyFacts",
    "Application",
    "AuthorisedDetails",
    "Certificate",
    "Decision",
    "Facts",
    "FirmDetails",
    "Gap",
    "HeldPractitioner",
    "HeldQualification",
    "ListedRow",
    "Listing",
    "PractitionerDetails",
    "Section",
    "Stage",
    "Standing",
    "Verdict",
    "already_decided",
    "check_decision",
    "check_verdicts",
    "gaps",
    "returned_of",
    "stage_of",
    "uncovered",
    "warning_due",
    "warning_level",
]
