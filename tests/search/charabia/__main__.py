"""Prints what is to be cut: every text as the market sends it, and how the shorter ones are read aloud."""

from __future__ import annotations

import sys

from market.search.meilisearch.texts import spoken, written
from market.search.reading import reading_of
from tests.search.charabia import texts

SHORT = 9  # characters; longer readings are more of the same
forms = (one for text in texts() for one in (written(text), spoken(reading_of(text)) if len(text) <= SHORT else ""))
sys.stdout.writelines(f"{one}\n" for one in dict.fromkeys(forms) if one)
