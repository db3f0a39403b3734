"""Whatever has happened and whatever the settings say: nothing that anybody needs ever expires."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleanhold import Workspace
from cleanhold.core.correction import Correction
from cleanhold.core.decision import Act
from cleanhold.core.run import InputKind
from cleanhold.core.snapshot import Channel
from cleanhold.errors import CleanholdError, SnapshotExpired
from cleanhold.pipeline.decide import Intent, Selection, apply
from cleanhold.pipeline.expire import expire
from cleanhold.pipeline.pin import pin
from cleanhold.pipeline.quarantine import review
from cleanhold.pipeline.recover import recover
from cleanhold.pipeline.replay import replay
from cleanhold.pipeline.rollback import rollback
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.verify import verify

ORDERS, TOTALS = "shop.orders", "features.totals"

FEATURE = """
import polars as pl
from cleanhold import feature


@feature("features.totals", orders="shop.orders")
def totals(orders: pl.LazyFrame) -> pl.LazyFrame:
    return orders.select("id", "amount", note=pl.lit("n"))
"""

#: A row of a delivery: one that passes, one that is held, or bytes that are no row.
LINES = st.lists(
    st.builds("{},{}".format, st.sampled_from("abcd"), st.sampled_from(["1,", "7,", "x,", "-1,"]))
    | st.sampled_from("ab"),
    min_size=1,
    max_size=4,
)
KEPT = st.fixed_dictionaries(
    {}, optional={"snapshots": st.integers(1, 2), "days": st.sampled_from([0, 9])}
)
STEPS = st.lists(
    st.tuples(st.just("deliver"), LINES)
    | st.tuples(st.just("correct"), st.none())
    | st.tuples(st.just("roll back"), st.integers(1, 9))
    | st.tuples(st.just("pin"), st.integers(1, 9))
    | st.tuples(st.just("expire"), KEPT),
    min_size=4,
    max_size=9,
)


@pytest.mark.slow
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(load=st.sampled_from(["upsert", "append", "replace"]), steps=STEPS)
def test_nothing_that_is_needed_expires(
    small_in: Callable[[], Any], load: str, steps: list[tuple[str, Any]]
) -> None:
    small = small_in().contract(load=load)
    small.contract(TOTALS, load="replace")
    small.write("flows/features.py", FEATURE)
    for day, (what, how) in enumerate([*steps, ("expire", {"snapshots": 1})], start=1):
        if what == "deliver":
            small.deliver(f"{day:02}", *how)
            small.run()
        elif what == "expire":
            expired(small, how)
        else:
            with suppress(CleanholdError), Workspace.find(small.root).open() as stores:
                _act(stores, what, how)


def _act(stores: Stores, what: str, number: int) -> None:
    """Something that people do; refused where it makes no sense, as to them."""
    if what == "roll back":
        rollback(stores, ORDERS, number, "why not")
    elif what == "pin":
        pin(stores, (ORDERS, TOTALS)[number % 2], number // 2 + 1, "a model")
    else:
        put = Correction({"amount": "5"}, {}, {})
        apply(stores, Selection(ORDERS), Intent(Act.CORRECT, put), "they said so")
        list(replay(stores))


def expired(small: Any, kept: dict[str, int]) -> None:
    """Expire what is due, and hold all that is left against what was there before."""
    lines = "".join(f"{name} = {value}\n" for name, value in kept.items())
    small.write("pyproject.toml", f"[tool.cleanhold.retention]\ngrace_hours = 0\n{lines}")
    before = picture(small)
    with Workspace.find(small.root).open() as stores:
        needed = needs(stores, kept)
        assert verify(stores).problems == []
        done = expire(stores)
        assert done.problems == ()
        gone = {(s.dataset, s.number) for s in done.expired}
        assert not gone & needed
        assert verify(stores).problems == []
        again = expire(stores)
        assert (again.expired, again.removed) == ((), 0)
        recover(stores, rebuild_quarantine=True)
        assert verify(stores).problems == []
    after = picture(small)
    for name in gone:
        del before["rows"][name]
    assert after == before
    for dataset, number in gone:
        with pytest.raises(SnapshotExpired):
            small.read(dataset, snapshot=number, channel="candidate")


def picture(small: Any) -> dict[str, Any]:
    """What readers can have of every snapshot, and what stewards see."""
    with Workspace.find(small.root).open() as stores:
        there = [s for s in stores.ledger.snapshots() if s.expired is None]
        held = review(stores).rows(status=None, limit=None)
        seen = sorted((r["row_id"], r["status"], r["times_seen"]) for r in held)
        history = [
            (row["row_id"], [h["what"] for h in review(stores).row(row["row_id"])["history"]])
            for row in held
        ]
    rows = {
        (s.dataset, s.number): sorted(
            map(str, small.read(s.dataset, snapshot=s.number, channel="candidate").to_dicts())
        )
        for s in there
    }
    return {"rows": rows, "held": seen, "history": sorted(history)}


def needs(stores: Stores, kept: dict[str, int]) -> set[tuple[str, int]]:
    """What must not go, worked out anew: by what people can do with it."""
    every = stores.ledger.snapshots()
    found: set[tuple[str, int]] = set()
    for dataset in stores.ledger.datasets():
        own = [s for s in every if s.dataset == dataset]
        published = sorted(s.number for s in own if s.channel is Channel.PRODUCTION)
        found |= {(dataset, s.number) for s in own if s.pin or not kept or kept.get("days")}
        if (newest := stores.ledger.snapshot(dataset, channel=Channel.CANDIDATE)) is not None:
            found.add((dataset, newest.number))
        if (current := stores.ledger.snapshot(dataset)) is not None:
            at = published.index(current.number)
            # What readers have, what they would go back to, and what they came back from.
            later = published[at + 1 :]
            earlier = [n for n in published[:at] if not _is_expired(every, dataset, n)]
            found |= {(dataset, n) for n in [current.number, *earlier[-1:], *later]}
        found |= {(dataset, n) for n in published[-kept.get("snapshots", 1) :]}
    for table in every:
        if table.dataset == TOTALS and (TOTALS, table.number) in found:
            found |= {
                (i.name, i.number)
                for i in table.inputs
                if i.kind is InputKind.SNAPSHOT and i.name == ORDERS and i.number
            }
    return {(d, n) for d, n in found if not _is_expired(every, d, n)}


def _is_expired(snapshots: list[Any], dataset: str, number: int) -> bool:
    return any(s.expired for s in snapshots if (s.dataset, s.number) == (dataset, number))
