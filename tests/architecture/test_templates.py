"""Each template imports the macros that it calls, and no others: a page never depends on what another one brings along."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from jinja2 import nodes

from market.web.pages import environment
from tests.architecture.sources import ROOT, template_files


def tree(text: str) -> nodes.Template:
    return environment().parse(text)


@cache
def macros() -> frozenset[str]:
    """The names of all macros that templates import from each other."""
    return frozenset().union(*(imported(tree(path.read_text())) for path in template_files()))


def imported(text: nodes.Template) -> set[str]:
    """Under the names by which they are called here."""
    lines = text.find_all(nodes.FromImport)
    return {name if isinstance(name, str) else name[1] for line in lines for name in line.names}


def unused(text: nodes.Template) -> set[str]:
    return imported(text) - {name.name for name in text.find_all(nodes.Name) if name.ctx == "load"}


def missing(text: nodes.Template) -> set[str]:
    called = {call.node.name for call in text.find_all(nodes.Call) if isinstance(call.node, nodes.Name)}
    own = {macro.name for macro in text.find_all(nodes.Macro)}
    bound = {name.name for name in text.find_all(nodes.Name) if name.ctx != "load"}
    return called & macros() - imported(text) - own - bound


@pytest.mark.parametrize("flaw", [unused, missing])
def test_a_template_imports_what_it_calls(flaw: Callable[[nodes.Template], set[str]]) -> None:
    found = {_name(path): sorted(names) for path in template_files() if (names := flaw(tree(path.read_text())))}
    assert found == {}


def _name(path: Path) -> str:
    return path.relative_to(ROOT / "templates").as_posix()


def test_the_rule_bites() -> None:
    line = '{% from "components/button.html" import button, button_link %}'
    assert unused(tree(f"{line}{{{{ button() }}}}")) == {"button_link"}
    assert missing(tree("{{ button_link() }}{% call panel() %}{% endcall %}")) == {"button_link", "panel"}
    assert not missing(tree("{% macro button() %}{% endmacro %}{{ button() }}{{ len() }}"))
