"""correct: held rows with the values that a correction gives them."""

from __future__ import annotations

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
    known = set(_distinct(rows["names"]))
    if unknown := [c for c in correction.columns if c not in known]:
        raise UsageError(
            f"these rows have no column {unknown[0]!r}",
            next="use the names as delivered: " + ", ".join(sorted(known)),
        )
    before = _decoded(rows, correction.columns)
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
    return _patched(rows, after, changes)


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
    columns = list(dict.fromkeys(column for new in news for column in new))
    after = pl.DataFrame(
        {c: [new.get(c) for new in news] for c in columns}, dict.fromkeys(columns, pl.String)
    )
    changes = pl.DataFrame({c: [c in new for new in news] for c in columns})
    return _patched(rows, after, changes)


def _patched(rows: pl.DataFrame, after: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """The rows with the new values of some raw columns, where `changes` has them changed."""
    earlier = _distinct(rows["patched"])
    names = list(dict.fromkeys([*_distinct(rows["names"]), *earlier, *after.columns]))
    values = _decoded(rows, names).with_columns(
        pl.when(changes[name]).then(after[name]).otherwise(name).alias(name)
        for name in after.columns
    )
    no = pl.Series([False]).new_from_index(0, rows.height)
    parts = [
        pl.when(
            (changes[name] if name in after.columns else no)
            | (
                rows["patched"].list.contains(name).fill_null(value=False)
                if name in earlier
                else no
            )
        ).then(_json(name).str.slice(1).str.head(-1))
        for name in dict.fromkeys([*earlier, *after.columns])
    ]
    members = pl.concat_str(parts, separator=",", ignore_nulls=True)
    patch = pl.concat_str(pl.lit("{"), members, pl.lit("}"))
    told = values.select(patch=patch, values=_json(*names))
    return rows.with_columns(told.get_columns())


def _json(*names: str) -> pl.Expr:
    """Columns as one JSON object."""
    return pl.struct(names).struct.json_encode()


def _decoded(rows: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Raw columns (String) of rows, corrected where they were."""
    schema = pl.Struct([pl.Field(name, pl.String) for name in names])
    return rows["values"].str.json_decode(schema).struct.unnest()


def _distinct(lists: pl.Series) -> list[str]:
    return lists.explode().drop_nulls().unique(maintain_order=True).to_list()
