"""One module a figure, in the order in which people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from market.site.figures.each import (
    activity,
    complaints,
    concentration,
    credit,
    delivery,
    direct,
    flags,
    funnel,
    payment,
    ratings,
    saving,
    stage_time,
)
from market.site.figures.model import Figure

FIGURES: Final[Mapping[str, Figure]] = {
    module.FIGURE.id: module.FIGURE
    for module in (
        funnel, saving, stage_time, delivery, payment, concentration, activity, direct, credit, ratings, complaints, flags,
    )
}  # fmt: skip
