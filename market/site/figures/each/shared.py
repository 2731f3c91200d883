"""What several figures say or read."""

from __future__ import annotations

from typing import Final

from market.kernel.i18n import N_

PROJECT_BREAKDOWNS: Final = ("month", "region", "class", "method", "owner")
BY_NOTICE: Final = N_("by the day of the notice")
# What every row brings along from its project.
OF_PROJECT: Final = "q.region_code, q.service_classes, q.service_items, q.catalogue_version, q.method, q.owner_id"
# The classes of an agency's service items, written as projects write theirs.
AGENCY_CLASSES: Final = (
    "(SELECT '|' || string_agg(DISTINCT m.class, '|') || '|' FROM unnest({items}::text[], {item_classes}::text[])"
    " AS m (item, class) WHERE m.item = ANY (a.service_items))"
)
