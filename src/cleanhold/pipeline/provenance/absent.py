"""absent: rows that would be in a table with some values, were they not held or refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
        for frame in values:
            wanted = frame.head(VALUES).select(pl.all().cast(pl.String))
            if wanted.is_empty():
                continue
            for rows, told in _told(stores, quarantine, dataset, wanted):
                count += rows
                found |= {one.row_id: one for one in told if one.row_id not in found}
    listed = tuple(found.values())[:MOST]
    return listed, max(count - len(listed), 0)


def _told(
    stores: Stores, quarantine: Matching, dataset: str, wanted: pl.DataFrame
) -> Iterator[tuple[int, list[Absent]]]:
    contract = stores.contracts.get(dataset)
    declared = {column.name: column.wanted for column in contract.columns} if contract else {}
    columns = [(name, declared.get(name, (name,))) for name in wanted.columns]
    held = quarantine.held(dataset, columns, wanted, MOST)
    yield _rows(held), [
        Absent(row["row_id"], row["extract_name"], row["status"], tuple(row["messages"] or ()),
               row["case_id"])
        for row in held.iter_rows(named=True)
    ]  # fmt: skip
    texts = {text for column in wanted for text in column if text and len(text) >= _TELLING}
    refused = quarantine.refused(dataset, sorted(texts), MOST)
    yield (
        _rows(refused),
        [
            Absent(
                row["row_id"], row["extract_name"], "refused", (f"{row['code']}: {row['message']}",)
            )
            for row in refused.iter_rows(named=True)
        ],
    )


def _rows(found: pl.DataFrame) -> int:
    return int(found["rows"][0]) if found.height else 0
