"""What runs cost: measured, priced, beside a budget; and no part of what names anything."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from cleanhold import Workspace
from cleanhold.cli.main import app
from cleanhold.core.cost import COST, DatasetCost
from cleanhold.errors import UnknownDataset, WorkspaceError
from cleanhold.pipeline.costs import costs
from cleanhold.pipeline.metering import metered
from cleanhold.pipeline.verify import verify

PRICES = """
[tool.cleanhold.prices]
cpu_hour = 3600.0
gb_month = 1e6
currency = "EUR"
"""


def prices(small: Any, text: str) -> None:
    settings = small.root / "pyproject.toml"
    settings.write_text(f'[tool.cleanhold]\nname = "small"\n{text}')


def found(small: Any) -> DatasetCost:
    with Workspace.find(small.root).open() as stores:
        (one,) = costs(stores, "shop.orders")
    return one


def asked(small: Any, *more: str) -> Result:
    arguments = ["cost", *more, "--workspace", str(small.root)]
    return CliRunner().invoke(app, arguments, standalone_mode=False)


@pytest.fixture
def two(small: Any) -> Any:
    """Two deliveries at prices."""
    prices(small, PRICES)
    small.contract(load="append")
    small.deliver("01", *(f"a{n},1," for n in range(100)))
    small.deliver("02", *(f"b{n},2," for n in range(50)))
    assert small.states() == ["published", "published"]
    return small


def test_each_run_keeps_what_it_used(two: Any) -> None:
    one = found(two)
    assert [(run.state, run.snapshot, run.records) for run in one.runs] == [
        ("published", 2, 50),
        ("published", 1, 100),
    ]
    for run in one.runs:
        assert 0 < run.usage.cpu_seconds < 100
        assert 0 < run.usage.wall_seconds < 300
        assert 10_000_000 < run.usage.peak_memory < 10**11
        assert run.bytes_written > 500
        seconds, written = run.usage.cpu_seconds, run.bytes_written
        assert run.money == pytest.approx(seconds + written / 1000)
        assert run.per_thousand == pytest.approx(1000 * run.money / run.records)
    assert one.runs[1].bytes_read == (two.root / "in/orders_2026-11-01.csv").stat().st_size
    with Workspace.find(two.root).open() as stores:
        newest = stores.manifest(stores.ledger.snapshots("shop.orders")[0])
        assert not verify(stores).problems
    assert one.held_bytes == sum(file.size for file in newest.files)
    assert one.runs[0].bytes_written < one.held_bytes == sum(r.bytes_written for r in one.runs)
    assert one.month == pytest.approx(one.held_bytes / 1000)
    assert one.usual == one.runs[1].per_thousand


def test_what_changes_nothing_costs_nothing(two: Any) -> None:
    before = found(two)
    assert two.states() == ["unchanged", "unchanged"]
    assert found(two) == before


def test_what_it_cost_names_nothing(small_in: Any) -> None:
    named = []
    for _ in range(2):
        small = small_in()
        small.contract(load="append").deliver("01", "a,1,")
        small.run()
        with Workspace.find(small.root).open() as stores:
            (snapshot,) = stores.ledger.snapshots("shop.orders")
            assert COST in stores.ledger.runs("shop.orders")[0].details
            assert COST not in json.dumps(dict(stores.manifest(snapshot).details))
        named.append((snapshot.run, snapshot.manifest))
    assert named[0] == named[1]


def test_a_failed_run_costs_as_well(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    prices(small, PRICES)
    small.contract(load="append").deliver("01", "a,1,")
    monkeypatch.setattr("cleanhold.pipeline.publish.merge", full)
    assert small.states() == ["failed"]
    (run,) = found(small).runs
    assert (run.state, run.records, run.bytes_written) == ("failed", 0, 0)
    assert run.usage.cpu_seconds > 0
    assert run.per_thousand is None
    assert found(small).per_thousand is None
    monkeypatch.undo()
    assert small.states() == ["published"]
    assert found(small).per_thousand is not None


def test_over_its_budget_a_run_warns(two: Any) -> None:
    assert asked(two).return_value == 0
    prices(two, f"{PRICES}budget = 1e9\n\n[tool.cleanhold.prices.budgets]\n'shop.orders' = 0.5\n")
    two.deliver("03", *(f"c{n},1," for n in range(10)))
    (outcome,) = (o for o in two.run() if str(o.state) == "published")
    assert outcome.warnings[-1].startswith("a thousand records cost ")
    assert outcome.warnings[-1].endswith(" EUR, and may cost 0.5 EUR")
    assert found(two).is_over_budget
    shown = asked(two)
    assert shown.return_value == 1
    assert "over budget" in shown.output
    assert asked(two, "shop.orders").return_value == 1
    prices(two, f"{PRICES}budget = 1e9\n")
    two.deliver("04", *(f"d{n},1," for n in range(10)))
    (outcome,) = (o for o in two.run() if str(o.state) == "published")
    assert not [w for w in outcome.warnings if "cost" in w]


def test_the_command_shows_runs_and_json(two: Any) -> None:
    shown = asked(two, "shop.orders").output
    assert "a thousand records: " in shown
    (told,) = json.loads(asked(two, "shop.orders", "--json").stdout)
    assert told["currency"] == "EUR"
    assert [run["records"] for run in told["runs"]] == [50, 100]
    assert told["trend"] == pytest.approx(told["per_thousand"] / told["usual"] - 1)
    assert isinstance(asked(two, "shop.nothing").exception, UnknownDataset)


@pytest.mark.parametrize(
    "text",
    ["cpu_hour = -1", "cpu_hour = 'x'", "gb_month = true", "currency = 3", "cpu_hours = 1",
     "budgets = 3", "budgets = {'No Name' = 1}", "budget = nan"],
)  # fmt: skip
def test_prices_that_are_none_are_refused(small: Any, text: str) -> None:
    prices(small, f"[tool.cleanhold.prices]\n{text}\n")
    with pytest.raises(WorkspaceError):
        Workspace.find(small.root)


def test_memory_that_was_given_back_was_used() -> None:
    with metered() as used:
        before = used().peak_memory
        held = bytearray(80_000_000)
        held[::4096] = b"x" * len(held[::4096])
        used()
        del held
        after = used()
    assert after.peak_memory > before + 60_000_000
    assert after.cpu_seconds >= 0
