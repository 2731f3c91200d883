"""Reads the data files of catalogue and rulebook, and finds everything that is wrong with them at once."""

from __future__ import annotations

import csv
import dataclasses
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import msgspec

from market.catalogue import checks
from market.catalogue.rules import (
    Bundle,
    Catalogue,
    Group,
    QualificationType,
    Region,
    Regulator,
    Rule,
    Rulebook,
    ServiceClass,
    ServiceItem,
    Source,
    Wording,
)

DATA = Path(__file__).parent / "data"
T = TypeVar("T")
Table = Mapping[str, Any]


class DataInvalid(Exception):
    """All problems of a data file, each with the place where it stands."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclasses.dataclass(frozen=True)
class _RulebookHead:
    version: str
    title: Wording
    jurisdiction: str
    effective_from: date


@dataclasses.dataclass(frozen=True)
class _CatalogueHead:
    version: str
    effective_from: date


# The names of the lists in the files, and what their entries are.
_RULEBOOK_LISTS: Mapping[str, type] = {"source": Source, "group": Group, "rule": Rule}
_CATALOGUE_LISTS: Mapping[str, type] = {
    "source": Source,
    "region": Region,
    "regulator": Regulator,
    "class": ServiceClass,
    "qualification": QualificationType,
    "item": ServiceItem,
    "bundle": Bundle,
}


def rulebook_files(folder: Path = DATA) -> list[Path]:
    return sorted(folder.glob("rulebook-*.toml"))


def read_rulebook(path: Path) -> Rulebook:
    """Raises DataInvalid with all problems of the file."""
    return rulebook_from(_toml(path))


def read_catalogue(folder: Path = DATA) -> Catalogue:
    """The catalogue is one version made of several files. Raises DataInvalid with all problems."""
    content: dict[str, Any] = dict(_toml(folder / "catalogue.toml"))
    for path in sorted(folder.glob("catalogue-*.toml")):
        for name, rows in _toml(path).items():
            content[name] = [*content.get(name, []), *rows]
    content["region"] = [_from_csv(row) for row in _csv(folder / "regions.csv")]
    content["regulator"] = [_from_csv(row) for row in _csv(folder / "regulators.csv")]
    return catalogue_from(content)


def read_all(folder: Path = DATA) -> tuple[Catalogue, list[Rulebook]]:
    """Everything in the folder. Raises DataInvalid with the problems of all files together."""
    problems: list[str] = []
    catalogue, books = None, []
    try:
        catalogue = read_catalogue(folder)
    except DataInvalid as invalid:
        problems += [f"catalogue: {problem}" for problem in invalid.problems]
    for path in rulebook_files(folder):
        try:
            books.append(read_rulebook(path))
        except DataInvalid as invalid:
            problems += [f"{path.name}: {problem}" for problem in invalid.problems]
    _refuse(problems)
    assert catalogue is not None
    return catalogue, books


def rulebook_from(content: Table) -> Rulebook:
    """From the content of a file, or of the database."""
    head, lists = _decode(content, _RulebookHead, _RULEBOOK_LISTS)
    book = Rulebook(
        **_fields(head),
        sources=tuple(lists["source"]),
        groups=tuple(lists["group"]),
        listed=tuple(lists["rule"]),
    )
    _refuse(checks.rulebook_problems(book))
    return book


def catalogue_from(content: Table) -> Catalogue:
    """From the content of the files, or of the database."""
    head, lists = _decode(content, _CatalogueHead, _CATALOGUE_LISTS)
    catalogue = Catalogue(
        **_fields(head),
        sources=tuple(lists["source"]),
        regions=tuple(lists["region"]),
        regulators=tuple(lists["regulator"]),
        classes=tuple(lists["class"]),
        qualifications=tuple(lists["qualification"]),
        items=tuple(lists["item"]),
        bundles=tuple(lists["bundle"]),
    )
    _refuse(checks.catalogue_problems(catalogue))
    return catalogue


def rulebook_content(book: Rulebook) -> dict[str, Any]:
    """Plain JSON data, in the shape that `rulebook_from` reads."""
    lists = {"source": book.sources, "group": book.groups, "rule": book.listed}
    return _plain(
        _RulebookHead(book.version, book.title, book.jurisdiction, book.effective_from),
        lists,
    )


def catalogue_content(catalogue: Catalogue) -> dict[str, Any]:
    """Plain JSON data, in the shape that `catalogue_from` reads."""
    lists = {
        "source": catalogue.sources,
        "region": catalogue.regions,
        "regulator": catalogue.regulators,
        "class": catalogue.classes,
        "qualification": catalogue.qualifications,
        "item": catalogue.items,
        "bundle": catalogue.bundles,
    }
    return _plain(_CatalogueHead(catalogue.version, catalogue.effective_from), lists)


def _plain(head: Any, lists: Mapping[str, tuple[Any, ...]]) -> dict[str, Any]:
    content: dict[str, Any] = msgspec.json.decode(msgspec.json.encode({**_fields(head), **lists}))
    return content


def _toml(path: Path) -> Table:
    try:
        return tomllib.loads(path.read_text(encoding="utf8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataInvalid([f"{path.name}: {error}"]) from error


def _csv(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf8", newline="") as file:
            yield from csv.DictReader(file)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataInvalid([f"{path.name}: {error}"]) from error


def _from_csv(row: dict[str, Any]) -> dict[str, Any]:
    """The columns name_zh and name_en are one wording."""
    rest = {name: value for name, value in row.items() if name not in ("name_zh", "name_en")}
    return {**rest, "name": {"zh": row.get("name_zh"), "en": row.get("name_en")}}


def _decode(content: Table, head: type[T], lists: Mapping[str, type]) -> tuple[T, dict[str, list[Any]]]:
    strange = content.keys() - lists.keys() - _names(head)
    problems = [f"{name}: no such list or field" for name in sorted(strange)]
    top = {name: value for name, value in content.items() if name not in lists and name in _names(head)}
    decoded_head = _row(top, head, get_type_hints(head), "head", problems)
    decoded: dict[str, list[Any]] = {
        name: list(_rows(content.get(name, ()), kind, name, problems)) for name, kind in lists.items()
    }
    _refuse(problems)
    assert decoded_head is not None
    return decoded_head, decoded


def _rows(rows: Iterable[Table], kind: type[T], name: str, problems: list[str]) -> Iterator[T]:
    codes: Counter[str] = Counter()
    hints = get_type_hints(kind)
    for number, row in enumerate(rows, 1):
        code = str(row.get("code") or row.get("key") or f"no. {number}")
        codes[code] += 1
        one = _row(row, kind, hints, f"{name} {code}", problems)
        if one is not None:
            yield one
    problems.extend(f"{name} {code}: listed {times} times" for code, times in codes.items() if times > 1)


def _row(row: Table, kind: type[T], hints: Mapping[str, Any], place: str, problems: list[str]) -> T | None:
    """Checks each field by itself, because msgspec would stop at the first wrong one. `hints`: the types of its fields,
    which take longer to find out than a row to check."""
    found = [f"{place}: no field {name!r}" for name in row.keys() - hints.keys()]
    values: dict[str, Any] = {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        if field.name in row:
            try:
                values[field.name] = msgspec.convert(row[field.name], type=hints[field.name], strict=True)
            except msgspec.ValidationError as error:
                found.append(f"{place}: {field.name}: {error}")
            else:
                plain = msgspec.to_builtins(values[field.name])
                found.extend(f"{place}: {field.name}: no field {name!r}" for name in _unknown(row[field.name], plain))
        elif field.default is dataclasses.MISSING:
            found.append(f"{place}: {field.name} is missing")
    problems.extend(found)
    return None if found else kind(**values)


def _unknown(raw: Any, plain: Any) -> Iterator[str]:
    """Names inside a value that decoding passed over: most likely misspelt."""
    if isinstance(raw, Mapping) and isinstance(plain, Mapping):
        yield from (name for name in raw if name not in plain)
        for name in raw.keys() & plain.keys():
            yield from _unknown(raw[name], plain[name])
    elif isinstance(raw, (list, tuple)) and isinstance(plain, (list, tuple)):
        for one, decoded in zip(raw, plain, strict=True):
            yield from _unknown(one, decoded)


def _names(kind: type) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)}


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}


def _refuse(problems: list[str]) -> None:
    if problems:
        raise DataInvalid(problems)
