"""How the server is told to read Chinese (docs/search.md). What cuts texts into words changes by a rebuild only."""

from __future__ import annotations

from typing import Any, Final

TEXTS: Final = ("title", "code", "service", "company", "body")
SEARCHED: Final = (*TEXTS, "py")
FILTERED: Final = (
    "region", "service_class", "service_item", "method", "stage", "outcome", "band", "amount_fen", "published_at", "deadline",
    "visibility", "id",
)  # fmt: skip
SORTED: Final = ("published_at", "deadline", "amount_fen")
MOST_COUNTED: Final = 1_000_000  # totals are exact up to here; pages end much earlier
MOST_FACET_VALUES: Final = 1000  # regions of the whole country do not fit into the server's hundred


def index_settings() -> dict[str, Any]:
    return {
        "searchableAttributes": list(SEARCHED),
        "filterableAttributes": list(FILTERED),
        "sortableAttributes": list(SORTED),
        "displayedAttributes": ["id"],
        "rankingRules": ["words", "typo", "proximity", "attributeRank", "sort", "wordPosition", "exactness"],
        # Without it Chinese characters may be taken for Japanese, and pinyin for German compounds.
        "localizedAttributes": [{"attributePatterns": list(SEARCHED), "locales": ["cmn"]}],
        "typoTolerance": {"disableOnAttributes": ["py", "company", "code"], "disableOnNumbers": True},
        "faceting": {"maxValuesPerFacet": MOST_FACET_VALUES},
        "pagination": {"maxTotalHits": MOST_COUNTED},
    }
