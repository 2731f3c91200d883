"""Text messages through Alibaba Cloud (SendSms of Dysmsapi 2017-05-25), with its documented signature of version 3."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx

from market.kernel.clock import wall_now
from market.kernel.settings import Secret
from market.notices.failures import NotDelivered
from market.notices.sms.text import SmsText

ALGORITHM: Final = "ACS3-HMAC-SHA256"
ACTION: Final = "SendSms"
VERSION: Final = "2017-05-25"
SECONDS: Final = 10
# What no second try cures: the number, the sender's name or the template is wrong.
_FOR_GOOD: Final = frozenset(
    {"isv.MOBILE_NUMBER_ILLEGAL", "isv.SMS_TEMPLATE_ILLEGAL", "isv.SMS_SIGNATURE_ILLEGAL", "isv.TEMPLATE_MISSING_PARAMETERS",
     "isv.INVALID_PARAMETERS", "isv.BLACK_KEY_CONTROL_LIMIT", "isv.PARAM_LENGTH_LIMIT"}
)  # fmt: skip


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def canonical_query(parameters: Mapping[str, str]) -> str:
    return "&".join(f"{_encoded(name)}={_encoded(parameters[name])}" for name in sorted(parameters))


def authorization(
    key_id: str,
    key_secret: Secret,
    *,
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes = b"",
) -> str:
    """The Authorization header. `headers`: all that are signed, host and x-acs-… among them, names in lower case."""
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    signed = ";".join(names)
    canonical = "\n".join((method, path, query, lines, signed, hashlib.sha256(body).hexdigest()))
    text = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(key_secret.reveal().encode(), text.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={key_id},SignedHeaders={signed},Signature={signature}"


@dataclass(frozen=True)
class AliyunSms:
    """`templates`: our name -> the provider's template id."""

    url: str
    key_id: str
    key_secret: Secret
    sign_name: str
    templates: Mapping[str, str]

    async def send(self, number: str, text: SmsText, *, reference: str) -> None:
        query = canonical_query({
            "PhoneNumbers": number, "SignName": self.sign_name, "TemplateCode": self.templates[text.template],
            "TemplateParam": json.dumps(dict(text.parameters), ensure_ascii=False), "OutId": reference,
        })  # fmt: skip
        headers = self._headers(query, wall_now())
        try:
            async with httpx.AsyncClient(timeout=SECONDS, follow_redirects=False) as client:
                answer = await client.post(f"{self.url}/?{query}", headers=headers)
        except httpx.HTTPError as problem:
            raise NotDelivered(f"the provider was not reached: {type(problem).__name__}") from problem
        _check(answer)

    def _headers(self, query: str, moment: datetime) -> dict[str, str]:
        headers = {
            "host": urlsplit(self.url).netloc, "x-acs-action": ACTION, "x-acs-version": VERSION,
            "x-acs-date": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        }  # fmt: skip
        signed = authorization(self.key_id, self.key_secret, method="POST", path="/", query=query, headers=headers)
        return {**headers, "authorization": signed, "accept": "application/json"}


def _check(answer: httpx.Response) -> None:
    try:
        said: Any = answer.json()
    except ValueError:
        said = None
    code = said.get("Code") if isinstance(said, dict) else None
    if answer.status_code == httpx.codes.OK and code == "OK":
        return
    name = code if isinstance(code, str) and len(code) <= 60 else "no code"
    raise NotDelivered(f"the provider answered {answer.status_code} {name}", for_good=name in _FOR_GOOD)
