"""Reading a file of a list that another authority keeps: every line is used, merged or refused with its number."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from market.kernel.errors import Message
from market.kernel.i18n import N_

MOST_LINES: Final = 2_000_000
MOST_BYTES: Final = 256 * 1024 * 1024
ENCODINGS: Final = ("utf-8-sig", "gb18030")
NAME_MAX: Final = 200
HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("code", "统一社会信用代码"),
    "name": ("name", "名称", "单位名称", "企业名称"),
    "entered_on": ("entered_on", "列入日期"),
    "until_on": ("until", "until_on", "有效期至"),
    "list": ("list", "名单"),
    "source": ("source", "来源"),
    "queried_at": ("queried_at", "查询时间"),
}
NEEDED: Final = ("code", "name", "entered_on")
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class FileUnreadable(Exception):
    """The file as a whole is of no use."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.text)
        self.message = message


@dataclass(frozen=True)
class ListedLine:
    """`line`: its number in the file; `until_on`: None where the list names no end."""

    line: int
    code: str
    name: str
    entered_on: date
    until_on: date | None


@dataclass(frozen=True)
class Problem:
    line: int
    message: Message


def encoding_of(pieces: Iterable[bytes]) -> str:
    """UTF-8, with or without its mark, or else the national encoding (GB 18030, which GBK and GB 2312 are part of).
    Raises FileUnreadable."""
    decoders = {name: codecs.getincrementaldecoder(name)() for name in ENCODINGS}
    for piece in pieces:
        _decode(decoders, piece, final=False)
    _decode(decoders, b"", final=True)
    return next(iter(decoders))


def _decode(decoders: dict[str, codecs.IncrementalDecoder], piece: bytes, *, final: bool) -> None:
    """Drops the encodings that this is not."""
    for name, decoder in list(decoders.items()):
        try:
            decoder.decode(piece, final)
        except UnicodeDecodeError:
            del decoders[name]
    if not decoders:
        raise FileUnreadable(Message(N_("The file is no text: save it as CSV in UTF-8.")))


def read_lines(text: Iterable[str], *, list_code: str, source: str, today: date) -> Iterator[ListedLine | Problem]:
    """Every line with content below the headings, one at a time, whatever the length of the file: usable, or what is
    wrong with it. Raises FileUnreadable, for what stands in the first line at once."""
    rows = _rows(csv.reader(iter(text), strict=True))
    columns = _columns(next(rows, (0, []))[1])
    return _lines(rows, columns, list_code, source, today)


def _lines(
    rows: Iterator[tuple[int, list[str]]], columns: Sequence[str], list_code: str, source: str, today: date
) -> Iterator[ListedLine | Problem]:
    total = 0
    for number, cells in rows:
        total += 1
        if total > MOST_LINES:
            raise FileUnreadable(
                Message(N_("The file has more than {most} lines: split it by source."), {"most": MOST_LINES})
            )
        yield _line(number, dict(zip(columns, cells, strict=False)), list_code, source, today)
    if not total:
        raise FileUnreadable(Message(N_("The file holds no line below its headings.")))


def _columns(head: Sequence[str]) -> list[str]:
    columns = [_column(cell) for cell in head]
    missing = [name for name in NEEDED if name not in columns]
    if missing or "" in columns or len(set(columns)) < len(columns):
        raise FileUnreadable(Message(
            N_("The first line must name each column once: code, name, entered_on, and where they are known until, list, source, queried_at."),
        ))  # fmt: skip
    return columns


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Lines with content, each with its number in the file."""
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]  # type: ignore[attr-defined]
    except csv.Error as problem:
        number = reader.line_num  # type: ignore[attr-defined]
        raise FileUnreadable(
            Message(
                N_("The file cannot be read from line {line} on: {problem}"), {"line": number, "problem": str(problem)}
            )
        ) from problem


def _column(heading: str) -> str:
    plain = heading.strip().lower()
    return next((name for name, known in HEADINGS.items() if plain in known), "")


def _line(number: int, cells: Mapping[str, str], list_code: str, source: str, today: date) -> ListedLine | Problem:
    def wrong(text: str, **facts: object) -> Problem:
        return Problem(number, Message(text, facts))

    if cells.get("list", list_code) != list_code or cells.get("source", source) != source:
        return wrong(N_("names another list or source than the form"))
    try:
        code = uscc.validate(cells.get("code", ""))
    except ValidationError:
        return wrong(N_("{code}: no valid unified social credit code"), code=cells.get("code", "")[:40] or "—")
    name = cells.get("name", "")
    if not name or len(name) > NAME_MAX or _UNSHOWABLE.search(name):
        return wrong(N_("the name is missing or cannot be shown"))
    entered_on, until_on = _day(cells.get("entered_on", "")), _day(cells.get("until_on", ""))
    if entered_on is None or entered_on > today:
        return wrong(N_("the day of listing is missing, no date, or in the future"))
    if cells.get("until_on") and (until_on is None or until_on < entered_on):
        return wrong(N_("the last day is no date, or before the day of listing"))
    return ListedLine(number, code, name, entered_on, until_on)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return None
    return day if 1990 <= day.year <= 2150 else None


def shown(problems: Sequence[Problem], most: int) -> list[list[object]]:
    """The first problems as plain JSON."""
    return [[one.line, one.message.text, dict(one.message.facts)] for one in problems[:most]]
