"""House rules: what no linter knows. Each takes a file's text and returns the lines that break it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

MOST_LINES = 500
MOST_FUNCTION_LINES = 60
EMPTY_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "base", "misc"})
_CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}
_SESSION = re.compile(
    r"^\s*(SET (?!LOCAL|CONSTRAINTS)[a-z_]+ (=|TO)|LISTEN |RESET )|pg_(try_)?advisory_lock\(", re.IGNORECASE
)
_TODO = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
_TAG = re.compile(r"<[a-zA-Z][^<>]*>", re.DOTALL)
_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_INLINE = re.compile(r"\s(style|on[a-z]+)\s*=", re.IGNORECASE)
_ADDRESS = re.compile(r"""(?:src|href|action|srcset|poster|data)\s*=\s*["']?\s*(?:https?:)?//""", re.IGNORECASE)
# A script element with JSON is data: the browser runs nothing.
_SCRIPT = re.compile(
    r"""<script(?![^>]*\s(?:src=|type="application/json"))[^>]*>|<style\b|javascript:""", re.IGNORECASE
)

Finder = Callable[[str], list[int]]


@dataclass(frozen=True)
class Rule:
    """`applies` says for which repository paths; `find` returns the numbers of the offending lines."""

    name: str
    applies: Callable[[str], bool]
    find: Finder


@lru_cache(maxsize=1)
def _nodes(text: str) -> tuple[ast.AST, ...]:
    """Read once for all rules that look at one file after another."""
    return tuple(ast.walk(ast.parse(text)))


def _calls(text: str) -> Iterator[ast.Call]:
    return (node for node in _nodes(text) if isinstance(node, ast.Call))


def saves(text: str) -> list[int]:
    """Piccolo's save() writes every column and so undoes what others wrote meanwhile. What is saved somewhere is a file."""
    return [
        call.lineno for call in _calls(text)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "save" and not call.args
    ]  # fmt: skip


def reads_a_clock(text: str) -> list[int]:
    """Time is an argument; only market.kernel.clock asks the machine."""
    found = []
    for call in _calls(text):
        func = call.func
        if isinstance(func, ast.Attribute) and (_last_name(func.value), func.attr) in _CLOCKS:
            found.append(call.lineno)
    return found


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def floats(text: str) -> list[int]:
    """No float touches money: neither float() nor round() nor a float literal."""
    found = [
        call.lineno for call in _calls(text) if isinstance(call.func, ast.Name) and call.func.id in {"float", "round"}
    ]
    literals = (node for node in _nodes(text) if isinstance(node, ast.Constant))
    return found + [node.lineno for node in literals if isinstance(node.value, float)]


def reads_environment(text: str) -> list[int]:
    """Configuration comes from Settings."""
    nodes = (node for node in _nodes(text) if isinstance(node, ast.Attribute))
    return [node.lineno for node in nodes if node.attr in {"environ", "getenv"} and _last_name(node.value) == "os"]


def opens_a_transaction(text: str) -> list[int]:
    """Only actions write, so only they open transactions."""
    return [call.lineno for call in _calls(text) if _last_name(call.func) == "transaction"]


def changes_a_session(text: str) -> list[int]:
    """Pooled connections are handed on as they are: no session settings, no listening, no session locks."""
    nodes = _nodes(text)
    later_parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values[1:]}
    texts = (node for node in nodes if isinstance(node, ast.Constant) and id(node) not in later_parts)
    return [node.lineno for node in texts if isinstance(node.value, str) and _SESSION.search(node.value)]


def serves_a_file(text: str) -> list[int]:
    """Files of users leave by market.web.downloads, which never lets a browser show them."""
    return [call.lineno for call in _calls(text) if _last_name(call.func) in {"content_of", "File"}]


def sleeps(text: str) -> list[int]:
    """A test that sleeps is slow when it passes and wrong when it fails."""
    return [call.lineno for call in _calls(text) if _last_name(call.func) == "sleep"]


def long_file(text: str) -> list[int]:
    lines = text.count("\n")
    return [lines] if lines > MOST_LINES else []


def long_functions(text: str) -> list[int]:
    nodes = (node for node in _nodes(text) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return [node.lineno for node in nodes if (node.end_lineno or 0) - node.lineno + 1 > MOST_FUNCTION_LINES]


def todos(text: str) -> list[int]:
    return _lines(text, _TODO)


def unescaped(text: str) -> list[int]:
    """Templates escape everything; safe markup is built in Python."""
    return _lines(text, re.compile(r"\|\s*safe\b|\{%-?\s*autoescape\s+false"))


def inline_code(text: str) -> list[int]:
    """The content policy forbids inline styles, scripts and handlers: the browser would ignore them."""
    bare = _without_jinja(text)
    handlers = [_line(bare, tag.start()) for tag in _TAG.finditer(bare) if _INLINE.search(tag.group())]
    return handlers + _lines(bare, _SCRIPT)


def foreign_addresses(text: str) -> list[int]:
    """Nothing is loaded from elsewhere, and no page of ours links away by a fixed address."""
    return _lines(text, _ADDRESS)


def _without_jinja(text: str) -> str:
    """Expressions become spaces, so that `>` within them ends no tag; line breaks stay where they are."""
    return _JINJA.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def _lines(text: str, pattern: re.Pattern[str]) -> list[int]:
    return [_line(text, found.start()) for found in pattern.finditer(text)]


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def python(path: str) -> bool:
    return path.endswith(".py")


def product(path: str) -> bool:
    return python(path) and not path.startswith("tests/")


def template(path: str) -> bool:
    return path.startswith("templates/")


def money_path(path: str) -> bool:
    return product(path) and (
        path.startswith(("projects/", "ratings/", "agencies/", "market/site/rules", "market/payments/"))
        or path == "market/kernel/money.py"
    )


def not_writing(path: str) -> bool:
    """Rooms that never write: rules, queries, forms, routes, panels, and what pages show beside them."""
    rooms = re.search(
        r"/(rules|queries|forms|routes|panels|showing|story|reckoning|receipts|tables|eligibility)(/|\.py$)", path
    )
    return product(path) and rooms is not None


RULES = (
    Rule("no save()", product, saves),
    Rule("no clock", lambda path: python(path) and path != "market/kernel/clock.py", reads_a_clock),
    Rule("no floats near money", money_path, floats),
    Rule("no environment", lambda path: product(path) and not path.startswith("market/cli/"), reads_environment),
    Rule("no transaction outside actions", not_writing, opens_a_transaction),
    Rule("no session state", lambda path: product(path) and path != "market/kernel/migrate.py", changes_a_session),
    Rule("no other way out for files", lambda path: product(path) and path != "market/web/downloads.py", serves_a_file),
    Rule("no sleeping tests", lambda path: path.startswith("tests/") and python(path), sleeps),
    Rule("no long file", python, long_file),
    Rule("no long function", python, long_functions),
    Rule("no TODO", lambda path: path != "tests/architecture/house_rules.py", todos),
    Rule("no unescaped markup", template, unescaped),
    Rule("no inline code", template, inline_code),
    Rule("no foreign address", template, foreign_addresses),
)
