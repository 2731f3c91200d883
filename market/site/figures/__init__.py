"""The statistics: every figure is counted in one place, for the public pages, the regulator's desk and the files alike."""
