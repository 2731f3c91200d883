"""Amounts in the characters of Chinese bills and contracts (大写), which cannot be altered by a stroke."""

from __future__ import annotations

from typing import Final

from market.kernel.money import Money

_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ("", "万", "亿", "万亿")


def in_capitals(amount: Money) -> str:
    """人民币壹拾贰万元整, 人民币叁佰零伍元零柒分. Raises ValueError below zero and from ten thousand 万亿 on."""
    yuan, fen = divmod(amount.fen, 100)
    if amount.fen < 0 or yuan >= 10 ** (4 * len(_GROUPS)):
        raise ValueError("only amounts from zero to below 10^16 yuan are written out")
    whole = f"{_whole(yuan)}元" if yuan else ""
    return f"人民币{whole}{_part(fen, after_yuan=yuan > 0)}" if amount.fen else "人民币零元整"


def _whole(number: int) -> str:
    """Groups of four digits; one zero stands for any run of them between two digits."""
    text, gap = "", False
    for index in reversed(range(len(_GROUPS))):
        group = number // 10 ** (4 * index) % 10_000
        if not group:
            gap = bool(text)
            continue
        zero = _DIGITS[0] if text and (gap or group < 1000) else ""
        text += f"{zero}{_group(group)}{_GROUPS[index]}"
        gap = False
    return text


def _group(number: int) -> str:
    text, gap = "", False
    for place in reversed(range(4)):
        digit = number // 10**place % 10
        if not digit:
            gap = bool(text)
            continue
        text += f"{_DIGITS[0] if gap else ''}{_DIGITS[digit]}{_PLACES[place]}"
        gap = False
    return text


def _part(fen: int, *, after_yuan: bool) -> str:
    jiao, rest = divmod(fen, 10)
    if not fen:
        return "整"
    tens = f"{_DIGITS[jiao]}角" if jiao else (_DIGITS[0] if after_yuan else "")
    return f"{tens}{_DIGITS[rest]}分" if rest else f"{tens}整"
