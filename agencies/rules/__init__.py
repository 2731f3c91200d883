from agencies.rules.facts import GOOD_STANDING, AgencyFacts, HeldPractitioner, HeldQualification, Standing
from agencies.rules.stages import OPEN_STAGES, PUBLIC_STAGES, TRANSITIONS, Act, Facts, Stage, stage_of

__all__ = [
    "GOOD_STANDING",
    "OPEN_STAGES",
    "PUBLIC_STAGES",
    "TRANSITIONS",
    "Act",
    "AgencyFacts",
    "Facts",
    "HeldPractitioner",
    "HeldQualification",
    "Stage",
    "Standing",
    "stage_of",
]
