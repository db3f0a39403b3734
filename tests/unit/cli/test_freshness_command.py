"""`cleanhold freshness`: how old what readers have is, and what is late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cleanhold.store import ledger

Run = Callable[..., Any]

FEATURE = """
import polars as pl
from cleanhold import feature

@feature("features.orders", orders="shop.orders")
def build(orders: pl.LazyFrame) -> pl.LazyFrame:
    return orders.select("id", "amount", "note")
"""


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets the ledger's clock to an hour of November 2026: `03 14`."""

    def set_to(when: str) -> None:
        now = datetime.strptime(f"2026-11-{when}", "%Y-%m-%d %H").replace(tzinfo=UTC)
        monkeypatch.setattr(ledger.Ledger, "_now", lambda self, connection: now)

    return set_to


@pytest.fixture
def late(cleanhold: Run, small: Any) -> Callable[[], dict[str, tuple[float | None, bool]]]:
    """Dataset → age in hours, and whether it is late."""

    def ask() -> dict[str, tuple[float | None, bool]]:
        told = cleanhold("freshness", "-w", small.root, "--json")
        found = {
            one["dataset"]: (
                None if one["age_seconds"] is None else one["age_seconds"] / 3600,
                one["late"],
            )
            for one in told.json
        }
        assert told.code == any(is_late for _, is_late in found.values())
        return found

    return ask


def test_what_is_older_than_promised_is_late(
    cleanhold: Run, small: Any, at: Callable[[str], None]
) -> None:
    small.contract(freshness="26h").contract("shop.people")
    at("03 02")
    small.deliver("02", "a,1,")
    assert cleanhold("freshness", "-w", small.root).code == 1  # nothing is published yet
    small.run()
    at("04 04")
    fresh = cleanhold("freshness", "-w", small.root)
    assert fresh.code == 0
    assert "never" in fresh.out  # no promise for people
    assert "2026-11-03 02:00" in fresh.out
    at("04 05")
    told = cleanhold("freshness", "shop.orders", "-w", small.root)
    assert told.code == 1
    assert "late" in told.out
    assert "27 h" in told.out
    (one,) = cleanhold("freshness", "shop.orders", "-w", small.root, "--json").json
    assert one == {
        "dataset": "shop.orders",
        "snapshot": 1,
        "since": "2026-11-03T02:00:00+00:00",
        "business_date": "2026-11-02",
        "age_seconds": timedelta(hours=27).total_seconds(),
        "promised_seconds": timedelta(hours=26).total_seconds(),
        "late": True,
    }
    unknown = cleanhold("freshness", "shop.nobody", "-w", small.root)
    assert unknown.code == 2
    assert "there is no contract for 'shop.nobody'" in unknown.err


def test_what_makes_it_newer(
    small: Any, cleanhold: Run, at: Callable[[str], None], late: Callable[[], Any]
) -> None:
    small.contract(freshness="26h", load="upsert")
    at("03 02")
    small.deliver("02", "a,1,", "b,x,")
    small.run()
    at("04 02")
    small.deliver("01", "c,1,")  # an older one that comes late
    small.run()
    corrected = ("quarantine", "correct", "-d", "shop.orders", "--set", "amount=2", "-y")
    assert cleanhold(*corrected, "--reason", "r", "-w", small.root).code == 0
    assert cleanhold("replay", "-w", small.root).code == 0
    assert len(small.ids()) == 3
    at("04 12")
    assert late() == {"shop.orders": (34.0, True)}
    small.deliver("03", "a,1,", "b,x,")  # the same bytes, as a new delivery
    assert small.states()[-1] in ("published", "unchanged")
    assert late() == {"shop.orders": (0.0, False)}


def test_a_feature_table_is_as_fresh_as_its_inputs(
    small: Any, at: Callable[[str], None], late: Callable[[], Any]
) -> None:
    small.contract(load="replace").contract("features.orders", load="replace", freshness="26h")
    small.write("flows/features.py", FEATURE)
    at("03 02")
    small.deliver("02", "a,1,")
    small.run()
    at("05 02")
    assert late()["features.orders"] == (48.0, True)
    small.deliver("04", "a,1,")  # nothing new in it
    small.run()
    assert late()["features.orders"] == (0.0, False)
    at("06 02")
    small.deliver("05", "a,2,")
    small.write("flows/features.py", FEATURE.replace("return", "return None and"))
    assert small.states()[-1] == "failed"
    assert late()["features.orders"] == (72.0, True)  # not built from what is there now
    small.write("flows/features.py", FEATURE)
    small.run()
    assert late()["features.orders"] == (0.0, False)
