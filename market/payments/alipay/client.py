"""One signed call to Alipay, and the addresses to which browsers are sent."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from market.kernel.calendar import BEIJING
from market.payments.alipay import rsa2
from market.payments.alipay.certificates import Certificates
from market.payments.alipay.outcome import NotExecuted, Outcome, Unknown, judge

PATIENCE: Final = 15  # seconds for a whole call, from the first byte sent to the last received
CONNECTING: Final = 3
LARGEST_ANSWER: Final = 256 * 1024
DOWNLOADING: Final = 120
LARGEST_FILE: Final = 64 * 1024 * 1024
_BODY: Final = frozenset({"biz_content"})
log = logging.getLogger(__name__)


class Untrustworthy(Exception):
    """The answer cannot be what Alipay said. Carries no part of it: answers hold names and accounts."""


@dataclass(frozen=True)
class Account:
    """Who we are to Alipay and how we know each other. `alipay_keys`: more than one while Alipay changes its key."""

    url: str
    app_id: str
    seller_id: str
    key: RSAPrivateKey = field(repr=False)
    alipay_keys: tuple[RSAPublicKey, ...] = field(repr=False)
    certificates: Certificates | None = None


class Client:
    """`transport` is for tests; without one the client speaks to `account.url`."""

    def __init__(
        self, account: Account, *, transport: httpx.AsyncBaseTransport | None = None, patience: int = PATIENCE
    ) -> None:
        self.account = account
        # Numbers of certificates under which Alipay answered and which nobody configured: a person has to look.
        self.foreign: set[str] = set()
        self.told: set[str] = set()  # of which certificates a person was told
        self._patience = patience
        self._http = httpx.AsyncClient(
            transport=transport, timeout=httpx.Timeout(patience, connect=CONNECTING), follow_redirects=False,
            trust_env=False, headers={"user-agent": "mingxuan"},
        )  # fmt: skip

    async def close(self) -> None:
        await self._http.aclose()

    def signed(self, params: Mapping[str, str], *, now: datetime) -> dict[str, str]:
        """All parameters of a call, with its signature. `params` come from a request object of the SDK."""
        certificates = self.account.certificates
        everything = {
            **params, "app_id": self.account.app_id, "charset": "utf-8", "format": "json", "sign_type": "RSA2",
            "timestamp": now.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
        }  # fmt: skip
        if certificates is not None:
            everything |= {"app_cert_sn": certificates.app_sn, "alipay_root_cert_sn": certificates.root_sn}
        everything = {name: value for name, value in everything.items() if value != ""}
        return {**everything, "sign": rsa2.sign(self.account.key, rsa2.request_content(everything))}

    def page_url(self, params: Mapping[str, str], *, now: datetime) -> str:
        """Where a browser pays. Always an address to be redirected to: the SDK's form needs an inline script."""
        return f"{self.account.url}?{urlencode(self.signed(params, now=now))}"

    async def call(self, params: Mapping[str, str], *, now: datetime) -> Outcome:
        """Sends one call and judges the answer. Never raises for what the network or Alipay does."""
        certificates = self.account.certificates
        if certificates is not None and certificates.is_over(now):
            return NotExecuted("our certificate is over")
        sent = self.signed(params, now=now)
        query = urlencode({name: value for name, value in sent.items() if name not in _BODY})
        body = urlencode({name: value for name, value in sent.items() if name in _BODY})
        try:
            answer = await self._post(f"{self.account.url}?{query}", body)
            return self._judged(answer, params["method"], now)
        except (httpx.ConnectError, httpx.ConnectTimeout) as problem:
            return NotExecuted(type(problem).__name__)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, Untrustworthy) as problem:
            log.warning("%s has no certain outcome: %s", params["method"], type(problem).__name__)
            return Unknown(str(problem) if isinstance(problem, Untrustworthy) else type(problem).__name__)

    async def _post(self, url: str, body: str) -> bytes:
        headers = {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}
        # httpx limits each read; an answer that drips is only stopped by a limit on the whole.
        async with (
            asyncio.timeout(self._patience),
            self._http.stream("POST", url, content=body, headers=headers) as response,
        ):
            if response.status_code != 200:
                raise Untrustworthy(f"status {response.status_code}")
            return await _limited(response)

    async def download(self, url: str) -> bytes | None:
        """A file of Alipay's, whole; None where it cannot be had. The address is never logged: whoever has it, has the file."""
        try:
            async with asyncio.timeout(DOWNLOADING), self._http.stream("GET", url) as response:
                return await _limited(response, LARGEST_FILE) if response.status_code == 200 else None
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, Untrustworthy) as problem:
            log.warning("a file of Alipay's could not be had: %s", type(problem).__name__)
            return None

    def _judged(self, answer: bytes, method: str, now: datetime) -> Outcome:
        found = cut_out(answer, method)
        node = json.loads(found.raw)
        if not isinstance(node, dict):
            raise Untrustworthy("the answer is no object")
        return judge(node, signed=self._is_signed(found, now))

    def _is_signed(self, found: Cut, now: datetime) -> bool:
        if found.sign is None:
            return False
        if not rsa2.verify(self._keys(found, now), found.raw.encode(), found.sign):
            raise Untrustworthy("the signature does not hold")
        return True

    def _keys(self, found: Cut, now: datetime) -> Sequence[RSAPublicKey]:
        """Whose signature may stand there: in certificate mode that of the certificate which the answer names."""
        certificates = self.account.certificates
        if certificates is None:
            return self.account.alipay_keys
        key = certificates.trusted(found.certificate_sn, now)
        if key is None:
            if found.certificate_sn not in certificates.alipay:
                self.foreign.add(found.certificate_sn or "none")
            raise Untrustworthy("Alipay answered under a certificate that is not configured, or is over")
        return (key,)


async def _limited(response: httpx.Response, most: int = LARGEST_ANSWER) -> bytes:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > most:
            raise Untrustworthy("the answer does not end")
    return bytes(body)


@dataclass(frozen=True)
class Cut:
    """`raw`: the node exactly as it was sent, which is what the signature covers."""

    raw: str
    sign: str | None
    certificate_sn: str | None


def cut_out(answer: bytes, method: str) -> Cut:
    """Takes the node of `method` (or `error_response`) out of an answer, wherever it stands among its siblings.
    Raises Untrustworthy for anything that is not one JSON object with exactly one node and at most one signature."""
    try:
        members = _members(answer.decode())
    except (ValueError, IndexError, RecursionError):
        raise Untrustworthy("the answer is no JSON object") from None
    wanted = {method.replace(".", "_") + "_response", "error_response"}
    nodes = [raw for name, raw in members if name in wanted]
    if len(nodes) != 1 or len({name for name, _ in members}) != len(members):
        raise Untrustworthy("the answer does not hold one node")
    siblings = dict(members)
    return Cut(nodes[0], _text(siblings, "sign"), _text(siblings, "alipay_cert_sn"))


def _text(siblings: Mapping[str, str], name: str) -> str | None:
    if name not in siblings:
        return None
    value = json.loads(siblings[name])
    if not isinstance(value, str):
        raise Untrustworthy(f"{name} is no text")
    return value


_DECODER = json.JSONDecoder()
_SPACE = " \t\r\n"


def _members(text: str) -> Sequence[tuple[str, str]]:
    """The top-level members of a JSON object: name -> value as it was written."""
    at = _skip(text, 0)
    if text[at] != "{":
        raise ValueError
    found, at = [], _skip(text, at + 1)
    while text[at] != "}":
        name, at = _DECODER.raw_decode(text, at)
        at = _skip(text, at)
        if not isinstance(name, str) or text[at] != ":":
            raise ValueError
        start = _skip(text, at + 1)
        _, end = _DECODER.raw_decode(text, start)
        found.append((name, text[start:end]))
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
            if text[at] == "}":
                raise ValueError
        elif text[at] != "}":
            raise ValueError
    if _skip(text, at + 1) != len(text):
        raise ValueError
    return found


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at
