"""The house rules hold everywhere, and each of them still bites."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import pytest

from tests.architecture import house_rules
from tests.architecture.house_rules import EMPTY_NAMES, RULES, Rule
from tests.architecture.sources import ROOT, product_files, template_files

THIS = "tests/architecture/test_house_rules.py"  # its samples break every rule
BY_NAME = {rule.name: rule for rule in RULES}


def all_files() -> dict[str, str]:
    tests = [path for path in (ROOT / "tests").rglob("*.py") if "__pycache__" not in path.parts]
    paths = [*product_files(), *template_files(), *tests]
    return {name: path.read_text() for path in paths if (name := path.relative_to(ROOT).as_posix()) != THIS}


@cache
def broken() -> dict[str, list[str]]:
    """Rule -> where it is broken. All rules look at a file before the next file is read."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path, text in all_files().items():
        for rule in RULES:
            if rule.applies(path):
                found[rule.name] += [f"{path}:{line}" for line in rule.find(text)]
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name.replace(" ", "-"))
def test_the_rule_holds(rule: Rule) -> None:
    assert broken()[rule.name] == []


def test_modules_are_named_for_what_they_hold() -> None:
    names = [path for path in product_files() if path.stem in EMPTY_NAMES or path.parent.name in EMPTY_NAMES]
    assert names == []


BAD = {
    "no save()": ("await row.save()", "Table(x=1).save(columns=[a])"),
    "no clock": ("datetime.now(UTC)", "dt.datetime.utcnow()", "date.today()", "time.time()", "datetime.today()"),
    "no floats near money": ("float(text)", "x = round(y, 2)", "fee = price * 0.01"),
    "no environment": ("os.environ['A']", "os.getenv('A')", "import os\nx = os.environ.get('A')"),
    "no transaction outside actions": ("async def f():\n    async with transaction():\n        pass", "db.transaction()"),
    "no session state": (
        "execute('SET statement_timeout = 5')", "execute('set timezone to utc')", "execute('LISTEN jobs')",
        "fetch_value('SELECT pg_advisory_lock($1)', 1)", "execute('RESET ALL')",
    ),
    "no other way out for files": ("Stream(await content_of(store, file))", "File(path)", "files.content_of(a, b)"),
    "no sleeping tests": ("time.sleep(1)", "async def f():\n    await asyncio.sleep(0)", "sleep(2)"),
    "no long file": ("x = 1\n" * 501,),
    "no long function": ("def f():\n" + "    x = 1\n" * 60, "async def f():\n" + "    x = 1\n" * 60),
    "no TODO": ("# TODO later", "{# FIXME #}", "# XXX"),
    "no unescaped markup": ("{{ text|safe }}", "{{ text | safe }}", "{% autoescape false %}"),
    "no inline code": (
        '<p style="color: red">', '<a\n onclick="x()">', "<script>x()</script>", "<style>p {}</style>",
        '<a href="javascript:x()">', '<p class="{{ a > b }}" style="">',
    ),
    "no foreign address": ('<script src="https://cdn.example/x.js">', "<img src='//example/x.png'>", '<a href="http://example">'),
}  # fmt: skip
GOOD = {
    "no save()": ("await actions.save_draft(x)", "save(x)", "book.save(out)"),
    "no clock": ("clock.now()", "wall_now()", "world.now()", "time.process_time()"),
    "no floats near money": ("Money(12)", "x = 12 // 5", "ground(1)"),
    "no environment": ("Settings.from_env(environ)", "os.path"),
    "no transaction outside actions": ("require_transaction()",),
    "no session state": (
        "execute('SET CONSTRAINTS ALL IMMEDIATE')", "execute('SET LOCAL lock_timeout = 5')",
        "fetch('SELECT pg_advisory_xact_lock($1)', 1)", "execute('UPDATE x SET a = 1')",
        "execute(f'UPDATE {table} SET a = 1')",
    ),
    "no other way out for files": ("await download(request, file)", "async def content_of(store): pass"),
    "no sleeping tests": ("clock.advance(days=1)",),
    "no long file": ("x = 1\n" * 500,),
    "no long function": ("def f():\n" + "    x = 1\n" * 59,),
    "no TODO": ("the HTTP todo of a refusal", "METHODOLOGY"),
    "no unescaped markup": ("{{ text }}", "{{ text|safely }}"),
    "no inline code": (
        '<script src="{{ asset("app.js") }}" defer></script>', '<p class="style">', '{# <p style="x"> #}', "<p>one = 1</p>",
        '<p class="{{ "x" if a > b }}">', '<script type="module" src="/x.js"></script>', '<script type="application/json" id="a">{}</script>',
    ),
    "no foreign address": ('<a href="/projects">', "<a href=\"{{ link }}\">", "<p>https://example</p>"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "sample"), [(name, sample) for name, samples in BAD.items() for sample in samples])
def test_the_rule_bites(name: str, sample: str) -> None:
    assert BY_NAME[name].find(sample)


@pytest.mark.parametrize(("name", "sample"), [(name, sample) for name, samples in GOOD.items() for sample in samples])
def test_the_rule_spares(name: str, sample: str) -> None:
    assert BY_NAME[name].find(sample) == []


def test_every_rule_is_tried_and_applies_somewhere() -> None:
    assert BAD.keys() == GOOD.keys() == BY_NAME.keys()
    files = all_files()
    assert [rule.name for rule in RULES if not any(rule.applies(path) for path in files)] == []


def test_paths_of_the_rules() -> None:
    assert house_rules.money_path("projects/contracts/rules.py")
    assert not house_rules.money_path("market/web/forms.py")
    assert house_rules.not_writing("projects/selection/rounds/routes.py")
    assert house_rules.not_writing("projects/selection/rounds/story.py")
    assert not house_rules.not_writing("projects/selection/rounds/actions/decisions.py")
    assert not house_rules.product("tests/conftest.py")
