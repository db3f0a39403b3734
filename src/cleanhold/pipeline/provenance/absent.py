"""absent: rows that would be in a table with some values, were they not held or refused."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cleanhold.core.provenance import Absent
from cleanhold.pipeline.stores import Stores
from cleanhold.store.quarantine_matching import Matching

#: Rows that are told; values that are looked for.
MOST, VALUES = 10, 1000

#: Shorter texts are in the bytes of records that have nothing to do with them.
_TELLING = 4


def absent(
    stores: Stores, dataset: str, values: Sequence[pl.DataFrame]
) -> tuple[tuple[Absent, ...], int]:
    """Rows of a dataset that wait, were rejected or are refused, and have some values.

    Args:
        values: by columns of the contract; of several frames, each is enough.

    Returns:
        Some of them, newest delivery first, and how many others there are.
    """
    quarantine = Matching(stores.state)
    found: dict[str, Absent] = {}
    count = 0
    with quarantine.reading():
        frames = [frame.head(VALUES).select(pl.all().cast(pl.String)) for frame in values]
        asked = [_held(stores, quarantine, dataset, frame) for frame in frames if frame.height]
        for rows, told in (*asked, _refused(quarantine, dataset, frames)):
            count += rows - sum(one.row_id in found for one in told)
            found |= {one.row_id: one for one in told if one.row_id not in found}
    listed = tuple(found.values())[:MOST]
    return listed, max(count - len(listed), 0)


def _held(
    stores: Stores, quarantine: Matching, dataset: str, wanted: pl.DataFrame
) -> tuple[int, list[Absent]]:
    contract = stores.contracts.get(dataset)
    declared = {column.name: column.wanted for column in contract.columns} if contract else {}
    columns = [(name, declared.get(name, (name,))) for name in wanted.columns]
    held = quarantine.held(dataset, columns, wanted, MOST)
    return _rows(held), [
        Absent(row["row_id"], row["extract_name"], row["status"], tuple(row["messages"] or ()),
               row["case_id"])
        for row in held.iter_rows(named=True)
    ]  # fmt: skip


def _refused(
    quarantine: Matching, dataset: str, frames: Sequence[pl.DataFrame]
) -> tuple[int, list[Absent]]:
    found = (text for frame in frames for column in frame for text in column)
    texts = {text for text in found if text and len(text) >= _TELLING}
    if not texts:
        return 0, []
    refused = quarantine.refused(dataset, sorted(texts), MOST)
    return _rows(refused), [
        Absent(row["row_id"], row["extract_name"], "refused", (f"{row['code']}: {row['message']}",))
        for row in refused.iter_rows(named=True)
    ]


def _rows(found: pl.DataFrame) -> int:
    return int(found["rows"][0]) if found.height else 0
