"""Text messages on the operator's console, where no provider is configured."""

from __future__ import annotations

import logging

from market.notices.sms.text import SmsText
from market.web.display import mask_phone

log = logging.getLogger("market.sms")


class ConsoleSms:
    async def send(self, number: str, text: SmsText, *, reference: str) -> None:
        log.warning("text message to %s: %s", mask_phone(number), text.text)
