"""A public thing as the server keeps it: every field named here, and no other. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from market.search.interface import Document
from market.search.meilisearch.texts import field_of, spoken, written
from market.search.reading import reading_of
from market.search.synonyms import synonyms
from market.search.words import folded

PREFIX: Final = "mingxuan_"  # names of our indexes: keys are good for these only
KEY: Final = "key"
_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9-][A-Za-z0-9_-]{0,199}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def index_of(kind: str) -> str:
    """The name under which a kind is searched; what is being built has a name of its own until it is exchanged."""
    return PREFIX + kind


def key_of(identity: str) -> str:
    """The server takes letters, digits, - and _ only; what has others is written as their bytes."""
    return identity if _PLAIN_KEY.fullmatch(identity) else "_" + identity.encode().hex()


def moment(at: datetime) -> int:
    """Microseconds since 1970: the server compares numbers, exact up to 2^53."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def as_json(document: Document) -> dict[str, Any]:
    """The whole document for the server. `digest`: of all the rest, to compare without reading everything back."""
    words = synonyms()
    told = {
        "id": document.id,
        "title": field_of(document.title, words),
        "code": written(document.code),
        "service": field_of(document.service, words),
        "company": field_of(document.company, words),
        "body": field_of(document.body, words),
        "py": spoken(reading_of(folded(f"{document.title}|{document.service}|{document.company}"))),
        "region": list(document.regions),
        "service_class": list(document.service_classes),
        "service_item": list(document.service_items),
        "method": document.method,
        "stage": document.stage,
        "outcome": document.outcome,
        "band": document.band,
        "amount_fen": document.amount_fen,
        "published_at": moment(document.published_at) if document.published_at else None,
        "deadline": moment(document.deadline) if document.deadline else None,
        "visibility": document.visibility,
    }
    return {KEY: key_of(document.id), **told, "digest": digest_of(told)}


def digest_of(told: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]
