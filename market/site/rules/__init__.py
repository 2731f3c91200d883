from market.site.rules.figures import Tally, finest_level
from market.site.rules.finding import Mark, excerpt, marked

__all__ = ["Mark", "Tally", "excerpt", "finest_level", "marked"]
