"""Real trips, month after month, and the reference workspace's deliveries, recounted."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.core.correction import Correction
from cleanhold.core.decision import Act
from cleanhold.pipeline.decide import Intent, Selection, apply
from cleanhold.pipeline.replay import replay
from cleanhold.pipeline.verify import verify

from .recount import Recount

TAXI = Path(os.environ.get("CLEANHOLD_SHARED_DATA", "/work/shared/data")) / "taxi_2018"
TRIPS = """
from datetime import datetime
from decimal import Decimal

import pandera.polars as pa
from cleanhold import contract, datetimes, field


@contract("city.trips", version="{version}", owner="owner@example.org", load="{load}")
class Trips(pa.DataFrameModel):
    vendor_id: str = field(isin=["1", "2", "4"])
    pickup_datetime: datetime = field(parse=datetimes("%Y-%m-%d %H:%M:%S"))
    passenger_count: int = field(ge={least})
    trip_distance: Decimal = field(ge=0)
    total_amount: Decimal = field(gt=0)
"""
SOURCE = """
from cleanhold import Source, delimited

trips = Source(name="city.trips", arrives="in", pattern="*.csv", dated=r"_(\\d{4}-\\d{2}-\\d{2})",
               reader=delimited())
"""
VALUES: dict[str, Callable[[str], Any]] = {
    "vendor_id": str,
    "pickup_datetime": datetime.fromisoformat,
    "passenger_count": int,
    "trip_distance": Decimal,
    "total_amount": Decimal,
}


def test_the_reference_workspace(reference: Path) -> None:
    """Its deliveries are of many formats, so that only rows and files are counted."""
    recount = Recount(reference / ".cleanhold")
    for snapshot in recount.snapshots:
        assert len(recount.ids(snapshot, "data")) == snapshot["rows"]
    recount.histories()
    recount.sightings()


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.skipif(not TAXI.is_dir(), reason="the trips are not part of the repository")
@pytest.mark.parametrize("load", ["append", "replace"])
def test_twelve_months_of_trips(small: Any, load: str) -> None:
    small.write("flows/sources.py", SOURCE)
    small.write("contracts/trips.py", TRIPS.format(version="1.0.0", load=load, least=1))
    months = sorted(TAXI.glob("yellow_tripdata_sample_2018-*.csv"))
    # The first twelve lines' worst come again every month.
    again = [line for line in months[0].read_text().split("\n")[1:4000] if ",0,0.0," in line][:5]
    kept: dict[Path, str] = {}
    for number, month in enumerate(months, start=1):
        head, *lines = month.read_text().split("\n")[:400]
        if number == 7:  # nobody need sit in the back
            small.write("contracts/trips.py", TRIPS.format(version="1.1.0", load=load, least=0))
        text = "\n".join([head, *lines, *(again if load == "replace" or number == 1 else ())])
        small.write(f"in/trips_2018-{number:02}-01.csv", f"{text}\n")
        for outcome in small.run():
            assert outcome.error is None
        with Workspace.find(small.root).open() as stores:
            if number % 3 == 0:
                rule = Correction({}, {"passenger_count": {"0": "1"}}, {})
                chosen = Selection("city.trips", check="greater_than_or_equal_to")
                if number < 7:
                    apply(stores, chosen, Intent(Act.CORRECT, correction=rule), "the driver")
            list(replay(stores))
        assert set(small.states()) == {"unchanged"}
        recount = Recount(small.root / ".cleanhold")
        counted = recount.count()
        assert recount.values("city.trips", VALUES) > 1500
        now = recount.fingerprints()
        assert {path: now.get(path) for path in kept} == kept
        kept = now
        print(f"month {number}: {counted.records} {counted.homes}")
    with Workspace.find(small.root).open() as stores:
        assert verify(stores).problems == []
