"""correct: held rows with the values that a correction gives them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from cleanhold.core.correction import Correction
from cleanhold.errors import UsageError


def corrected(rows: pl.DataFrame, correction: Correction) -> pl.DataFrame:
    """The rows that a correction changes, each with its patch: what changed now and before.

    Args:
        rows: what `Quarantine.to_decide` gives; `patch` and `values` are as corrected afterwards.

    Raises:
        UsageError: they have no such column, none of them changes, or a layout is none.
    """
    for layouts in correction.reread.values():
        for layout in layouts:
            _require_layout(layout)
    known = set(rows["names"].explode().drop_nulls().unique())
    if unknown := [c for c in correction.columns if c not in known]:
        raise UsageError(
            f"these rows have no column {unknown[0]!r}",
            next="use the names as delivered: " + ", ".join(sorted(known)),
        )
    schema = pl.Struct([pl.Field(c, pl.String) for c in correction.columns])
    before = rows["values"].str.json_decode(schema).struct.unnest()
    after = before.select(correction.values(pl.col(c), c).alias(c) for c in correction.columns)
    changes = pl.DataFrame({c: before[c].ne_missing(after[c]) for c in correction.columns})
    rows, after, changes = (
        frame.filter(changes.select(pl.any_horizontal(pl.all())).to_series())
        for frame in (rows, after, changes)
    )
    if not rows.height:
        raise UsageError(
            "this changes none of the rows",
            next="compare the old values with `cleanhold quarantine rows`",
        )
    pairs = zip(after.to_dicts(), changes.to_dicts(), strict=True)
    return patched(rows, [{c: v for c, v in new.items() if what[c]} for new, what in pairs])


def _require_layout(layout: str) -> None:
    try:
        told = pl.Series([date(1999, 12, 31)]).dt.to_string(layout)[0]
    except pl.exceptions.ComputeError:
        told = layout
    if told == layout:  # it says nothing of the day
        raise UsageError(
            f"{layout!r} is not a layout of dates",
            next="write %d for the day, %m for the month, %Y for the year: "
            "--reread 'COLUMN:%d.%m.%Y=%Y-%m-%d'",
        )


def patched(rows: pl.DataFrame, news: Sequence[Mapping[str, str | None]]) -> pl.DataFrame:
    """The rows with what is new in each added to its patch and its values."""
    patches, values = [], []
    for old, patch, new in zip(rows["values"], rows["patch"], news, strict=True):
        patches.append(json.dumps({**json.loads(patch or "{}"), **new}, ensure_ascii=False))
        values.append(json.dumps({**json.loads(old), **new}, ensure_ascii=False))
    return rows.with_columns(patch=pl.Series(patches), values=pl.Series(values))
