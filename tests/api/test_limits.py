"""What a program sends is bounded like what the pages' forms take, and whoever sends more is told of which member."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

from market.api import bodies
from market.api.acts import ACTS
from market.catalogue.files import read_rulebook, rulebook_files
from projects.posting.answers import LONGEST
from tests.api.conftest import Program
from tests.api.described import DESCRIBED
from tests.architecture.sources import ROOT

SCHEMAS = DESCRIBED["components"]["schemas"]
BOUNDS = {
    "string": {"maxLength", "enum", "format"}, "integer": {"maximum"}, "array": {"maxItems"},
    "object": {"maxProperties", "properties"},
}  # fmt: skip


def unbounded(schema: Any, path: str) -> Iterator[str]:
    """Where something of any length or size may stand."""
    if not isinstance(schema, dict):
        return
    name = schema.get("$ref", "").rpartition("/")[2]
    if name:
        yield from unbounded(SCHEMAS[name], f"{path}:{name}")
    kinds = schema.get("type", [])
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        if kind in BOUNDS and not BOUNDS[kind] & schema.keys():
            yield path
    for part in ("items", "additionalProperties"):
        yield from unbounded(schema.get(part), f"{path}/{part}")
    for one in schema.get("anyOf", []):
        yield from unbounded(one, path)
    for member, one in schema.get("properties", {}).items():
        yield from unbounded(one, f"{path}/{member}")


def test_nothing_that_is_sent_is_unbounded() -> None:
    found = []
    for path, operations in DESCRIBED["paths"].items():
        for operation in operations.values():
            sent = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            found += [*unbounded(sent, path)]
            for one in operation["parameters"]:
                found += unbounded(one["schema"], f"{path}?{one['name']}") if one["in"] != "header" else []
    assert found == []
    assert [*unbounded({"anyOf": [{"type": "string"}, {"type": "null"}]}, "x")] == ["x"]


# Chosen among few, or judged as a whole: no reader of texts is asked about them.
WITHOUT_READER = {
    "Publication.seen", "ImportedList.list", "SealedBid.nonce", "SealedBid.ciphertext", "SealedBid.amount", "Terms.language",
    "Terms.special", "Change.special", "TimeRequest.cause", "Pick.agency", "SettlementSeen.sha256",
}  # fmt: skip
USUAL = {"text": ("max_length", 200), "uploads": ("most", 10)}


@cache
def limits_of_forms(package: str) -> dict[str, set[int]]:
    """Name of a field -> the limits with which the package's forms read it; "*" for those that are given the name."""
    found: dict[str, set[int]] = {}
    folder = ROOT.joinpath(*package.split("."))
    for file in [*folder.glob("*.py"), *folder.glob("routes/*.py")]:
        module = import_module(".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in USUAL
                and node.args
            ):
                keyword, usual = USUAL[node.func.attr]
                given = next((one.value for one in node.keywords if one.arg == keyword), None)
                limit = usual if given is None else _value(given, vars(module))
                found.setdefault(_name(node.args[0]), set()).update([limit] if isinstance(limit, int) else [])
    return found


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        node = node.values[0]
    return str(node.value).rstrip("_") if isinstance(node, ast.Constant) else "*"


def _value(node: ast.expr, names: dict[str, Any]) -> Any:
    return node.value if isinstance(node, ast.Constant) else names.get(getattr(node, "id", ""))


def bounded_members(shape: Any, seen: frozenset[str] = frozenset()) -> Iterator[tuple[str, str, int]]:
    """(shape, member, limit) of every text and list of files of a body, in its rows too."""
    for kind in [one for one in shape.__mro__ if one.__module__ == bodies.__name__]:
        for member, said in inspect.get_annotations(kind).items():
            if row := re.match(r"Annotated\[list\[(Row|ChangedRow|Fault)\]", str(said)):
                yield from bounded_members(getattr(bodies, row[1]))
            if found := re.match(r"Annotated\[(?:str|list\[SentFile\]), fits\((\w+)", str(said)):
                limit = int(found[1]) if found[1].isdigit() else getattr(bodies, found[1])
                yield shape.__name__, member, limit


def test_limits_are_those_of_the_forms() -> None:
    wrong, compared = [], set()
    for act in ACTS:
        package = act.page.fn.__module__.partition(".routes")[0]
        for shape, member, limit in bounded_members(act.body) if act.body else ():
            known = limits_of_forms(package)
            if f"{shape}.{member}" not in WITHOUT_READER and limit not in known.get(member, known.get("*", set())):
                wrong.append(f"{act.name} {shape}.{member}: {limit}, the form says {known.get(member, known.get('*'))}")
            compared.add(f"{shape}.{member}")
    assert wrong == []
    assert compared > WITHOUT_READER
    assert len(compared) > 60


def test_milestones_are_as_many_as_the_rulebook_allows() -> None:
    """Rows beyond them would not be read."""
    for file in rulebook_files():
        assert read_rulebook(file).integer("contract.milestones_max") == bodies.MILESTONES


def test_pages_say_the_same_lengths_of_a_notice() -> None:
    for name in ("draft.html", "amend.html", "_method_fields.html"):
        page = (ROOT / "templates" / "projects" / name).read_text(encoding="utf8")
        for field, length in re.findall(r'name="(\w+)"[^>\n]*?maxlength="?(\d+)', page):
            assert LONGEST.get(field, int(length)) == int(length), (name, field)
    assert LONGEST["title"] == 80


async def test_too_much_is_refused_member_by_member(owner: Program) -> None:
    sent = {
        "title": {"title": "测" * 200_000},
        "service_days": {"service_days": 1001},
        "service_items": {"service_items": ["C001"] * 21},
        "needs": {"needs": {"surveying-mapping": "=" + "b" * 30}},
        "colour": {"colour": "red"},
    }
    for member, body in sent.items():
        answer = await owner.act("/drafts", body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), member
        [wrong] = answer.json()["errors"]
        assert wrong["field"].startswith(member), wrong
    told = (await owner.act("/drafts", sent["title"])).json()
    assert told["errors"] == [{"field": "title", "messages": ["At most 80 characters fit here."]}]
    rows = {"milestones": [{"title": "测" * 81, "share": 40, "days": 6}]}
    told = (await owner.act("/contracts/NONE/terms", rows)).json()
    assert told["errors"][0]["field"] == "milestones[0].title"
