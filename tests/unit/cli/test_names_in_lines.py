"""What a delivery is called cannot look like something that a run says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_a_line_end_in_a_name_begins_no_line(small: Any, cleanhold: Callable[..., Any]) -> None:
    small.contract()
    name = "orders_2026-11-02.x\npublished  shop.orders  snapshot 9.csv"
    small.write(f"in/{name}", "id,amount,note\na,1,\n")
    small.write("in/orders_2026-11-03.y\nfailed  shop.orders.csv", "")
    said = cleanhold("run", "--workspace", small.root)
    published, failed = (
        [line for line in said.out.splitlines() if line.startswith(state)]
        for state in ("published", "failed")
    )
    assert (len(published), len(failed)) == (1, 1)
    assert r"x\npublished" in published[0]
