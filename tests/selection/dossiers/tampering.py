"""What a forger does to the file of a dossier: another value, another spelling, another digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, Final

import rfc8785
from click.testing import CliRunner

from projects.selection.dossiers.report import Report
from projects.selection.dossiers.verify_command import verify_command

Members = dict[str, Any]
Path = tuple[Any, ...]
# The same file, written in another way; whoever changes nothing by it has nothing to respell.
RESPELLINGS: Final[tuple[Callable[[str], str], ...]] = (
    lambda text: text.replace('{"beacon"', '{"seed":"00","beacon"', 1),
    lambda text: text + "\n",
    lambda text: " " + text,
    lambda text: text.replace('":"', '": "', 1),
    lambda text: text.replace("机", "\\u673a", 1),
    lambda text: text.replace('"purpose":"award"', '"purpose":"award","purpose":"award"', 1),
    lambda text: json.dumps(json.loads(text), ensure_ascii=False, indent=1),
    lambda text: "\ufeff" + text,
)


def resealed(changed: Members) -> bytes:
    """Altered members under a digest that fits them."""
    rest = {name: value for name, value in changed.items() if name != "digest"}
    return rfc8785.dumps({**rest, "digest": hashlib.sha256(rfc8785.dumps(rest)).hexdigest()})


def failed(report: Report) -> set[str]:
    return {check.name for check in report.failures}


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from leaves(item, (*path, place))
    else:
        yield path


def every_object(value: Any) -> Iterator[Members]:
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from every_object(item)


def altered_at(members: Members, path: Path, change: Callable[[Any], Any]) -> Members:
    altered = deepcopy(members)
    holder: Any = altered
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = change(holder[path[-1]])
    return altered


def another(value: Any) -> Any:
    if value is None:
        return "0"
    if isinstance(value, int):
        return value + 1
    return value[:-1] + ("0" if value[-1:] != "0" else "1")


def run(*arguments: str, stdin: bytes | None = None) -> tuple[int, str]:
    """The command as somebody calls it: how it ends, and what it says."""
    result = CliRunner().invoke(verify_command, arguments, input=stdin)
    return result.exit_code, result.output
