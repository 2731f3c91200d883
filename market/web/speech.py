"""Which of our languages a program asks for."""

from __future__ import annotations

from market.kernel.i18n import DEFAULT_LOCALE

_SPOKEN = {"zh": "zh_CN", "en": "en"}
_MOST = 10


def spoken(accept_language: str) -> str:
    """The locale of ours that an Accept-Language header prefers (RFC 9110, 12.5.4); Chinese where it names none."""
    wanted = [_weighed(part) for part in accept_language.split(",")[:_MOST]]
    wanted.sort(key=lambda one: -one[0])
    return next((_SPOKEN[tag] for weight, tag in wanted if weight > 0 and tag in _SPOKEN), DEFAULT_LOCALE)


def _weighed(part: str) -> tuple[int, str]:
    """Weight in thousandths, and the primary tag."""
    tag, _, weight = part.partition(";")
    digits = weight.strip().lower().removeprefix("q=")
    whole, _, fraction = digits.partition(".")
    if not weight.strip():
        thousandths = 1000
    elif whole in {"0", "1"} and (not fraction or (fraction.isascii() and fraction.isdigit())):
        thousandths = min(int(whole) * 1000 + int((fraction + "000")[:3]), 1000)
    else:
        thousandths = 0
    return thousandths, tag.strip().lower().split("-")[0]
