"""The provider's side of SendSms, strict: it recomputes the signature from what came over the wire and refuses everything
that its documentation calls wrong."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlsplit

KEY_ID, KEY_SECRET = "LTAI-tests", "a secret of the tests"
_AUTHORIZATION = re.compile(r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([a-z0-9;-]+),Signature=([0-9a-f]{64})")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
NEEDED = {"host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"}


@dataclass
class Aliyun:
    """`code`: what it answers to a request in order."""

    code: str = "OK"
    sent: list[dict[str, str]] = field(default_factory=list)
    nonces: set[str] = field(default_factory=set)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.rstrip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        method, target, _ = first.split(" ")
        problem = self._problem(method, target, headers, body)
        said = {"Code": problem or self.code, "Message": "", "RequestId": "1"}
        status = "400 Bad Request" if problem else "200 OK"
        text = json.dumps(said).encode()
        writer.write(f"HTTP/1.1 {status}\r\ncontent-length: {len(text)}\r\nconnection: close\r\n\r\n".encode() + text)
        await writer.drain()
        writer.close()

    def _problem(self, method: str, target: str, headers: dict[str, str], body: bytes) -> str | None:
        found = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        if found is None or found[1] != KEY_ID:
            return "InvalidAccessKeyId.NotFound"
        names = found[2].split(";")
        common = {name for name in headers if name.startswith("x-acs-")} | {"host"}
        if names != sorted(names) or not (NEEDED | common) <= set(names):
            return "IncompleteSignature"
        if headers["x-acs-content-sha256"] != hashlib.sha256(body).hexdigest() or not _DATE.fullmatch(
            headers["x-acs-date"]
        ):
            return "InvalidParameter"
        if headers["x-acs-signature-nonce"] in self.nonces:
            return "SignatureNonceUsed"
        self.nonces.add(headers["x-acs-signature-nonce"])
        if found[3] != _signature(method, target, names, headers, body):
            return "SignatureDoesNotMatch"
        return self._refusal(headers, dict(parse_qsl(urlsplit(target).query, strict_parsing=True)))

    def _refusal(self, headers: dict[str, str], asked: dict[str, str]) -> str | None:
        if (headers["x-acs-action"], headers["x-acs-version"]) != ("SendSms", "2017-05-25"):
            return "InvalidAction.NotFound"
        if not {"PhoneNumbers", "SignName", "TemplateCode"} <= asked.keys():
            return "MissingParameter"
        if self.code == "OK":
            self.sent.append(asked)
        return None


def _signature(method: str, target: str, names: list[str], headers: dict[str, str], body: bytes) -> str:
    parts = urlsplit(target)
    pairs = sorted(parse_qsl(parts.query, strict_parsing=True))
    query = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs)
    lines = "".join(f"{name}:{headers[name]}\n" for name in names)
    request = f"{method}\n{parts.path}\n{query}\n{lines}\n{';'.join(names)}\n{hashlib.sha256(body).hexdigest()}"
    text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(request.encode()).hexdigest()
    return hmac.new(KEY_SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
