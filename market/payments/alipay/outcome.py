"""The four ways in which a call to Alipay can end. Only a node signed by Alipay settles anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

# Signed refusals after which the thing may nevertheless have happened: ask before doing anything again.
_UNDECIDED: Final = frozenset({
    "ACQ.SYSTEM_ERROR", "AQC.SYSTEM_ERROR", "SYSTEM_ERROR", "ACQ.DISCORDANT_REPEAT_REQUEST", "aop.ACQ.SYSTEM_ERROR",
    "ACQ.TRADE_SETTLE_ERROR", "isp.unknow-error",
})  # fmt: skip
_AT_THE_DOOR: Final = "40005"  # called too often: refused before anything was looked at


@dataclass(frozen=True)
class Done:
    """Alipay did it, or answers a question. `node`: what it signed."""

    node: Mapping[str, Any]


@dataclass(frozen=True)
class Rejected:
    """Alipay understood and refused, signed: nothing happened, and asking again unchanged changes nothing."""

    code: str
    message: str
    node: Mapping[str, Any]


@dataclass(frozen=True)
class NotExecuted:
    """The call never reached Alipay's books: it may be sent again unchanged."""

    reason: str


@dataclass(frozen=True)
class Unknown:
    """It may have happened or not: ask, then repeat the same call with the same number. Never a new one. `until`: where it
    is known when Alipay will be able to say, so that nobody need be alarmed before."""

    reason: str
    until: datetime | None = None


@dataclass(frozen=True)
class Absent:
    """The answer to a question: Alipay knows nothing of it, so the same call may be sent (again)."""


Outcome = Done | Rejected | NotExecuted | Unknown
Finding = Outcome | Absent


def judge(node: Mapping[str, Any], *, signed: bool) -> Outcome:
    """`node`: the answer to one method; `signed`: whether Alipay's signature over it held."""
    code, sub_code = _word(node, "code"), _word(node, "sub_code")
    if code == _AT_THE_DOOR:
        return NotExecuted(f"refused at the door: {sub_code or code}")
    if not signed:
        return Unknown(f"an answer without a signature: {sub_code or code or 'no code'}")
    if code == "10000":
        return Done(node)
    if code in {"20000", "10003", ""} or sub_code in _UNDECIDED or sub_code.endswith("SYSTEM_ERROR"):
        return Unknown(sub_code or code or "no code")
    return Rejected(sub_code or code, _word(node, "sub_msg"), node)


def _word(node: Mapping[str, Any], name: str) -> str:
    value = node.get(name)
    return value if isinstance(value, str) else ""
