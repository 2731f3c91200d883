from market.site.rules.figures import Figures, Filters, StageTime, Tally, finest_level
from market.site.rules.finding import Mark, excerpt, marked

__all__ = ["Figures", "Filters", "Mark", "StageTime", "Tally", "excerpt", "finest_level", "marked"]
