"""The arithmetic of the benches and what the command prints; the figures themselves belong to machines, not to tests."""

from __future__ import annotations

import json

from click.testing import CliRunner

from market.cli.bench import bench
from market.cli.bench.harness import Contest, Measurement, Part, compare, steps


def test_a_ratio_is_the_share_of_the_floors_speed() -> None:
    assert Part("rate", 50.0, 100.0).ratio == 0.5
    assert Part("seconds", 2.0, 1.0, better="lower").ratio == 0.5


def test_the_worst_part_counts() -> None:
    measured = Measurement("pages", "requests/s", 0.5, 3, (Part("home", 90.0, 100.0), Part("list", 40.0, 100.0)))
    told = measured.as_json()
    assert (told["value"], told["floor"], told["ratio"]) == (40.0, 100.0, 0.4)
    assert not measured.met
    assert [part["name"] for part in told["parts"]] == ["home", "list"]


def test_what_does_not_count_is_told_all_the_same() -> None:
    parts = (Part("home", 90.0, 100.0), Part("home, made anew", 10.0, 100.0, counts=False))
    told = Measurement("pages", "requests/s", 0.5, 3, parts).as_json()
    assert told["ratio"] == 0.9
    assert [part["ratio"] for part in told["parts"]] == [0.9, 0.1]


def test_one_part_needs_no_list() -> None:
    told = Measurement("draw", "entrants/s", 0.7, 5, (Part("draw", 123456.0, 100000.0),)).as_json()
    assert told == {
        "name": "draw", "unit": "entrants/s", "value": 123500.0, "floor": 100000.0, "ratio": 1.235, "aim": 0.7,
        "better": "higher", "runs": 5,
    }  # fmt: skip


async def test_rounds_alternate_and_the_first_is_thrown_away() -> None:
    order: list[str] = []
    rates = iter([1000.0, 5.0, 1.0, 9.0])

    async def product() -> float:
        order.append("product")
        return next(rates)

    async def floor() -> float:
        order.append("floor")
        return 10.0

    counted: list[None] = []
    parts = await compare([Contest("one", product, floor)], runs=3, step=lambda: counted.append(None))
    assert order == ["product", "floor"] * 4
    assert parts == (Part("one", 5.0, 10.0),)
    assert len(counted) == steps(1, 3)


def test_the_draw_is_measured_and_printed_as_one_object() -> None:
    printed = CliRunner().invoke(bench, ["draw", "--json", "--runs", "1"])
    told = json.loads(printed.stdout)
    assert set(told) == {"name", "unit", "value", "floor", "ratio", "aim", "better", "runs"}
    assert told["name"] == "draw"


def test_the_table_names_value_floor_ratio_and_aim() -> None:
    printed = CliRunner().invoke(bench, ["draw", "--runs", "1"], env={"COLUMNS": "120"})
    assert printed.exit_code == 0
    assert all(word in printed.stdout for word in ("draw", "value", "floor", "ratio", "aim"))
