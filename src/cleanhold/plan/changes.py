"""A pre-pass for checks of changes: rows beside what the dataset has published for their keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from cleanhold.core.check import Check, Kind
from cleanhold.core.parsing import DataType
from cleanhold.core.reading import RECORD
from cleanhold.core.rule import FOUND, WAS_PUBLISHED, before
from cleanhold.plan.groups import told
from cleanhold.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class Changes:
    """What the checks of changes came to, by their labels.

    Attributes:
        failing: the rows that fail; see `groups.told`. No rows, for a check that was not run.
        not_run: why, as a note.
    """

    failing: dict[str, pl.DataFrame]
    not_run: dict[str, str]


def change_failures(plan: Plan, rows: pl.LazyFrame, published: pl.LazyFrame | None) -> Changes:
    """Compare rows with those that are published under their keys.

    Memory holds the key and the columns that a check reads, of both, one check at a time.

    Args:
        plan: the compiled contract.
        rows: staged rows, raw columns under `raw:`.
        published: the rows that readers have; None if there are none.
    """
    found = Changes({}, {})
    for check in plan.checks:
        if check.kind is not Kind.CHANGE:
            continue
        columns = _columns(plan, check)
        known = _published(plan, columns, published)
        if isinstance(known, str):
            found.not_run[check.label] = f"not checked: {check.label}, for {known}"
            found.failing[check.label] = pl.DataFrame(schema={RECORD: pl.UInt64, FOUND: pl.String})
        else:
            found.failing[check.label] = _failures(plan, rows, check, columns, known)
    return found


def _columns(plan: Plan, check: Check) -> dict[str, DataType]:
    """The contract's key and what the check reads → dtype."""
    return {name: plan.dtypes[name] for name in dict.fromkeys([*plan.contract.key, *check.reads])}


def _published(
    plan: Plan, columns: Mapping[str, DataType], published: pl.LazyFrame | None
) -> pl.DataFrame | str:
    """Published values, in today's types; or why there is nothing to compare with."""
    dataset = plan.contract.dataset
    if published is None:
        return f"no published snapshot of {dataset} is at hand"
    there = published.collect_schema().names()
    if absent := [name for name in columns if name not in there]:
        return f"the published {dataset} has no column {', '.join(absent)}"
    given = published.select(*columns).collect(engine="streaming")
    values = {name: _cast(given[name], dtype) for name, dtype in columns.items()}
    fitting = [cast for cast in values.values() if cast is not None]
    if len(fitting) == len(values):
        return pl.DataFrame(fitting)
    name = next(name for name, cast in values.items() if cast is None)
    return f"published values of {name} are {given.schema[name]} and do not fit {columns[name]}"


def _cast(values: pl.Series, dtype: DataType) -> pl.Series | None:
    """Values as another type, NaN as none; None if one of them is no such value."""
    try:
        cast = values.cast(dtype, strict=False)
    except pl.exceptions.PolarsError:  # no value of this type is one of that
        return None
    if cast.dtype != dtype or cast.null_count() > values.null_count():
        return None
    return cast.fill_nan(None) if dtype.is_float() else cast


def _failures(
    plan: Plan,
    rows: pl.LazyFrame,
    check: Check,
    columns: Mapping[str, DataType],
    published: pl.DataFrame,
) -> pl.DataFrame:
    assert check.fails is not None
    key = list(plan.contract.key)
    values = [
        pl.col(n).fill_nan(None) if d.is_float() else pl.col(n)  # NaN is no value
        for n, d in columns.items()
    ]
    read = plan.values(rows, only=tuple(columns)).select(RECORD, *values)
    now = read.collect(engine="streaming").sort(RECORD).lazy().drop_nulls(key)
    names = {name: before(name).meta.output_name() for name in check.reads}
    was = published.lazy().select(
        *key,
        *(pl.col(name).alias(working) for name, working in names.items()),
        pl.lit(True).alias(WAS_PUBLISHED),
    )
    beside = now.join(was, on=key, how="left", maintain_order="left_right").select(
        RECORD, *check.reads, *names.values(), pl.col(WAS_PUBLISHED).fill_null(False)
    )
    return told(check.fails(beside))
