"""drift: what has changed in a source's columns since its extract before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cleanhold.core.drift import Drift, drift
from cleanhold.core.extract import Extract
from cleanhold.core.reading import Reader
from cleanhold.core.snapshot import Snapshot
from cleanhold.errors import CleanholdError
from cleanhold.pipeline.stores import Stores

#: Rows of each extract, from its start, whose values are compared where a column may be renamed.
_ROWS = 1_000

#: Distinct values that are too few to recognise a column by.
_TOO_FEW = 5

#: Columns that are gone, times new ones, beyond which values are not compared.
_MOST_PAIRS = 400


@dataclass(frozen=True, slots=True)
class Previous:
    """The extract before, and the columns it had (raw name → dtype as text)."""

    extract: Extract
    headers: Mapping[str, str]


def previous_extract(stores: Stores, dataset: str, extract: Extract) -> Previous | None:
    """The newest extract of the same source that was delivered before this one and was run.

    An extract that was stopped at candidate counts too, so that each change is told once. None if
    there is no such extract, or this very one was run before.
    """
    ran: dict[str, Snapshot] = {}
    for snapshot in stores.ledger.snapshots(dataset):  # newest first
        for one in snapshot.inputs:
            ran.setdefault(one.sha256, snapshot)
    if extract.sha256 in ran:
        return None
    delivered = stores.ledger.extracts(extract.source)  # in the order of delivery
    before = [e for e in delivered if e.sha256 in ran and e.order < extract.order]
    if not before:
        return None
    details = stores.manifest(ran[before[-1].sha256]).details
    headers = {name: details["headers"][name] for name in details.get("header_order", ())}
    return Previous(before[-1], headers) if headers else None


def drift_since(
    previous: Previous, headers: Mapping[str, str], path: Path, reader: Reader
) -> Drift | None:
    """How the columns of an extract differ from those of the one before; None if they do not.

    Args:
        previous: the extract before.
        headers: raw columns of this one → dtype as text.
        path: its bytes.
        reader: its format; that of the extract before as well, as far as it fits.
    """
    gone = [name for name in previous.headers if name not in headers]
    new = [name for name in headers if name not in previous.headers]
    samples = None
    if gone and new and len(gone) * len(new) <= _MOST_PAIRS:
        then, now = _first_rows(previous.extract.path, reader), _first_rows(path, reader)
        samples = (then, now) if then is not None and now is not None else None

    def shared(before: str, after: str) -> float | None:
        if samples is None or before not in samples[0] or after not in samples[1]:
            return None
        old, fresh = (_values(s[n]) for s, n in zip(samples, (before, after), strict=True))
        if len(old) < _TOO_FEW or len(fresh) < _TOO_FEW:
            return None
        return len(old & fresh) / len(old)

    return drift(previous.extract.name, previous.headers, headers, shared) or None


def _values(column: pl.Series) -> set[str]:
    return {str(value).strip() for value in column.drop_nulls().unique() if str(value).strip()}


def _first_rows(path: Path, reader: Reader) -> pl.DataFrame | None:
    """The first rows of an extract; None if it cannot be read this way (any more)."""
    try:
        chunks = reader.open(path).chunks
        first = next(iter(chunks), None)
        if hasattr(chunks, "close"):
            chunks.close()
    except (CleanholdError, OSError):
        return None
    return None if first is None else first.rows.head(_ROWS)
