"""E-mail: through an SMTP server, or into a folder where there is none."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiosmtplib

from market.kernel.settings import Secret
from market.notices.failures import NotDelivered

SECONDS = 20
_PORTS = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True)
class Smtp:
    """`smtps` speaks TLS from the start; `smtp` changes to TLS where the server offers it."""

    host: str
    port: int
    tls: bool
    user: str | None = None
    password: Secret | None = None
    seconds: int = SECONDS

    @classmethod
    def at(cls, url: Secret, *, seconds: int = SECONDS) -> Smtp:
        parts = urlsplit(url.reveal())
        return cls(
            parts.hostname or "", parts.port or _PORTS[parts.scheme], parts.scheme == "smtps",
            unquote(parts.username) if parts.username else None,
            Secret(unquote(parts.password)) if parts.password else None, seconds,
        )  # fmt: skip

    async def send(self, letter: EmailMessage) -> None:
        """Raises NotDelivered: for good where the server refused the address or the letter itself with a 5xx answer. A
        server that is down, slow, or does not let us in is asked again."""
        try:
            async with asyncio.timeout(self.seconds):
                await aiosmtplib.send(
                    letter, hostname=self.host, port=self.port, use_tls=self.tls, username=self.user,
                    password=self.password.reveal() if self.password else None, timeout=self.seconds,
                )  # fmt: skip
        except aiosmtplib.SMTPRecipientsRefused as refused:
            code = refused.recipients[0].code if refused.recipients else 0
            raise NotDelivered(f"the address was refused: {code}", for_good=code >= 500) from refused
        except aiosmtplib.SMTPDataError as refused:
            raise NotDelivered(f"the letter was refused: {refused.code}", for_good=refused.code >= 500) from refused
        except aiosmtplib.SMTPResponseException as refused:
            raise NotDelivered(f"the mail server answered {refused.code}") from refused
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as problem:
            raise NotDelivered(f"the mail server was not reached: {type(problem).__name__}") from problem


@dataclass(frozen=True)
class Folder:
    """Each letter is a file that any mail program opens. A letter sent again replaces itself."""

    folder: Path

    async def send(self, letter: EmailMessage) -> None:
        name = re.sub(r"[^0-9A-Za-z-]", "", str(letter["Message-ID"]).partition("@")[0])
        try:
            await asyncio.to_thread(self._write, f"{name}.eml", letter.as_bytes())
        except OSError as problem:
            raise NotDelivered(f"the folder cannot be written: {problem.strerror}") from problem

    def _write(self, name: str, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_bytes(content)
