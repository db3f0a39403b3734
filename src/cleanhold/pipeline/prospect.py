"""prospect: which held rows a replay would publish."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cleanhold.core.finding import ROW_ID
from cleanhold.pipeline.neighbours import waiting_beside
from cleanhold.pipeline.replay import judge, late_of
from cleanhold.pipeline.replay_file import replay_rows
from cleanhold.pipeline.stores import Stores
from cleanhold.store.snapshots import scan


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a replay would do with rows.

    Attributes:
        released: ids of those that it would publish, ascending.
        still: rows that it would still hold, by the check that holds them.
    """

    released: pl.Series
    still: Mapping[str, int]


def prospect(stores: Stores, dataset: str, chosen: pl.DataFrame) -> Prospect:
    """Judge rows with their corrections and waivers, beside the other rows of their extracts;
    nothing is kept.

    Args:
        stores: of the workspace.
        dataset: whose rows.
        chosen: what `Quarantine.to_replay` gives.
    """
    contract, rows = stores.contracts[dataset], replay_rows(chosen)
    waiting = waiting_beside(stores, contract, rows)
    with tempfile.TemporaryDirectory(prefix="cleanhold-replay-") as folder:
        judged = judge(stores, contract, rows, waiting, Path(folder))
        late = late_of(stores, contract, judged, chosen[ROW_ID])
        clean = scan([judged.files["clean"]]).filter(~pl.col(ROW_ID).is_in(late.implode()))
        released = clean.select(ROW_ID).collect().to_series().sort()
    still: Counter[str] = Counter()
    for split in judged.splits:
        for count in split.checks:
            label = f"{count.column}.{count.check}" if count.column else count.check
            still.update({label: count.failed})
    return Prospect(released, +still)
