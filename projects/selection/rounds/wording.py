"""Published reasons are part of a file that never changes, so they are written out once, in Chinese."""

from __future__ import annotations

from collections.abc import Iterable

from market.kernel.errors import Message
from market.kernel.i18n import DEFAULT_LOCALE, speaking
from market.web.display import say


def reason_text(messages: Iterable[Message]) -> str:
    with speaking(DEFAULT_LOCALE):
        return "；".join(say(message).rstrip("。") for message in messages)
