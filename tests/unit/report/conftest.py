"""A workspace in which every audit has something to say."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cleanhold import Workspace
from cleanhold.pipeline.baseline import name_baseline

CONTRACT = '''
from datetime import datetime

import pandera.polars as pa
from cleanhold import check, col, contract, datetimes, field


@contract("shop.orders", version="1.2.0", owner="orders@example.org", key="id", load="replace",
          tolerance="20%", freshness="26h", event_time="placed", segments=("country", "buyer"),
          drift="warn", volume="warn", {terms})
class Orders(pa.DataFrameModel):
    """Orders of the web shop, a fortnight each night."""

    id: str = field(matches=r"[a-z0-9-]+", unique=True)
    country: str = field(isin=["BE", "DE", "FR", "NL"])
    kind: str = field()
    amount: float = field(ge=0)
    placed: datetime = field(parse=datetimes("%Y-%m-%dT%H:%M"))
    buyer: str = field(pii="direct", nullable=True)

    @check(says="the kind {{kind}} is rare", severity="warn")
    def usual_kind():
        return col("kind") != "crypto"
'''

SOURCE = """
from cleanhold import Source, delimited

def totals(extract):
    return {"records": %d, "amount": ("1000000", 0.01)} if extract.name.endswith("30.csv") else None

orders = Source(name="shop.orders", arrives="in", pattern="orders_*.csv",
                dated=r"_([0-9]{4}-[0-9]{2}-[0-9]{2})", reader=delimited(), control=totals)
"""

LAST = date(2025, 11, 30)


def orders(day: date, rows: int, seed: int, *, bent: bool = False) -> str:
    """A delivery; a bent one lost some of a country, drifted, and has a gap."""
    draw = np.random.default_rng(seed)
    lines = ["id,country,kind,amount,placed,buyer"]
    start = datetime.combine(day, datetime.min.time()) - timedelta(days=35)
    hours = 24 * 35 * np.arange(rows) / rows
    for n in range(rows):
        country = str(draw.choice(["BE", "DE", "FR", "NL"], p=[0.15, 0.35, 0.3, 0.2]))
        kinds = ["card", "cash", "crypto"]
        kind = str(draw.choice(kinds, p=[0.5, 0.3, 0.2] if bent else [0.7, 0.29, 0.01]))
        amount = float(draw.lognormal(3.4 if bent else 3, 0.5))
        placed = start + timedelta(hours=float(hours[n]))
        if bent and start + timedelta(days=30) <= placed < start + timedelta(days=32):
            continue
        lost = bent and country == "BE" and n % 3 == 0
        text = f"{-amount:.2f}" if lost or n % 97 == 0 else f"{amount:.2f}"
        lines.append(f"{day}-{n},{country},{kind},{text},{placed:%Y-%m-%dT%H:%M},Ada {n % 7}")
    if bent:
        lines += ["too,few", f"{day}-x,XX,card,1,{start:%Y-%m-%dT%H:%M},Bob"]
    return "".join(f"{line}\n" for line in lines)


def fill(small: Any, terms: str = "") -> Any:
    """Six good deliveries, the first of them the baseline, and one a week later that is not."""
    small.write("contracts/shop_orders.py", CONTRACT.format(terms=terms))
    small.write("flows/sources.py", SOURCE % 5_000)
    for n in range(6):
        day = LAST - timedelta(days=12 - n)
        small.write(f"in/orders_{day}.csv", orders(day, 1_500 + 20 * n, n))
    small.run()
    with Workspace.find(small.root).open() as stores:
        name_baseline(stores, "shop.orders", 1, "the churn model was trained on it")
    small.write(f"in/orders_{LAST}.csv", orders(LAST, 1_000, 99, bent=True))
    small.run()
    return small


@pytest.fixture(scope="session")
def _bent(tmp_path_factory: pytest.TempPathFactory, new_small: Callable[[Path], Any]) -> Path:
    root: Path = fill(new_small(tmp_path_factory.mktemp("report") / "bent")).root
    return root


@pytest.fixture
def bent(_bent: Path, tmp_path: Path, new_small: Callable[[Path], Any]) -> Any:
    """Its newest snapshot was stopped; a copy to do anything with."""
    return new_small(Path(shutil.copytree(_bent, tmp_path / "bent")))
