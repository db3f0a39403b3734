"""Whatever is published, stopped, taken back: a consumer reads the newest that it can use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleanhold import Workspace
from cleanhold.core.snapshot import Channel
from cleanhold.errors import PactUnmet
from cleanhold.pipeline.rollback import rollback

PACT = """
from cleanhold import need, pact

@pact("scores", needs="shop.orders", owner="scores@example.org", rows={rows}, unmet="{unmet}")
class Scores:
    id: str
    amount: int = need(nulls="50%")
"""

#: What the rows of a delivery are: with a value, without one, or held.
ROWS = st.lists(st.sampled_from(["1", "", "", "-1"]), min_size=1, max_size=4)
STEPS = st.lists(
    st.tuples(st.just("deliver"), st.lists(ROWS, min_size=1, max_size=3))
    | st.tuples(st.just("roll back"), st.integers(1, 6))
    | st.tuples(st.just("declare"), st.integers(0, 3)),
    min_size=2,
    max_size=5,
)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(first=st.integers(0, 3), steps=STEPS, unmet=st.sampled_from(["last_good", "refuse"]))
def test_a_consumer_reads_the_newest_that_is_what_it_needs(
    small_in: Callable[[], Any], first: int, steps: list[tuple[str, Any]], unmet: str
) -> None:
    shop = small_in().contract(load="replace", tolerance="60%")
    fewest, day, taken = first, 0, set[int]()
    for what, how in [("declare", first), *steps]:
        if what == "declare":
            fewest = how
            shop.write("contracts/pacts/scores.py", PACT.format(rows=fewest, unmet=unmet))
        elif what == "deliver":
            for rows in how:
                day += 1
                shop.deliver(f"{day:02}", *(f"k{n},{v},{day}" for n, v in enumerate(rows)))
            shop.run()
        else:
            taken = rolled_back(shop, how, taken)
        require_newest_good(shop, fewest, unmet, taken)


def rolled_back(shop: Any, to: int, taken: set[int]) -> set[int]:
    """The numbers that were taken from readers, after a rollback if there can be one."""
    with Workspace.find(shop.root).open() as stores:
        current, wanted = stores.number("shop.orders"), stores.ledger.snapshot("shop.orders", to)
        if wanted is None or wanted.channel is not Channel.PRODUCTION or current == to:
            return taken
        rollback(stores, "shop.orders", to, "a reason")
    return (taken | set(range(to + 1, current + 1))) - {to}


def require_newest_good(shop: Any, fewest: int, unmet: str, taken: set[int]) -> None:
    workspace = Workspace.find(shop.root)
    with workspace.open() as stores:
        current = stores.number("shop.orders")
        listed = [
            s.number
            for s in stores.ledger.snapshots("shop.orders")
            if s.channel is Channel.PRODUCTION and s.number <= current and s.number not in taken
        ]
    if not listed:
        return
    tables = {n: shop.read(snapshot=n) for n in listed}
    good = [
        number
        for number, table in tables.items()
        if table.height >= fewest and table["amount"].null_count() * 2 <= table.height
    ]
    is_refused = not good or (unmet == "refuse" and good[0] != listed[0])
    try:
        found = workspace.reading("shop.orders", pact="scores")
    except PactUnmet:
        assert is_refused
        return
    assert not is_refused
    assert found.snapshot.number == good[0]
    assert bool(found.reasons) == (good[0] != listed[0])
    assert found.frame.collect().equals(tables[good[0]].select("id", "amount"))
