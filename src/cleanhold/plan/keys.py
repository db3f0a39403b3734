"""Pre-passes over the key columns alone: which rows share a key, which keys exist."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from cleanhold.core.check import Check, Kind
from cleanhold.core.reading import RECORD
from cleanhold.errors import ContractError
from cleanhold.plan.neighbours import Neighbours
from cleanhold.plan.plan import Plan
from cleanhold.plan.rows import Rows
from cleanhold.plan.sentences import few

_HASH = "__hash"

#: Rows whose keys are compared are fetched so many at a time; bounds memory.
_BATCH = 100_000


def candidates(plan: Plan, rows: pl.LazyFrame) -> dict[str, pl.DataFrame]:
    """Rows whose keys may be shared, by the label of the uniqueness check: `position` among all
    rows (from 0), and the `hash` of the key.

    One pass over the key columns, keeping eight bytes a row. Equal keys have equal hashes; other
    keys have once in a great while.

    Args:
        plan: the compiled contract.
        rows: all raw rows, in order, raw columns under `raw:`.
    """
    return {check.label: _candidates(plan, rows, check) for check in _uniqueness(plan)}


def _uniqueness(plan: Plan) -> list[Check]:
    return [check for check in plan.checks if check.kind is Kind.UNIQUE]


def _candidates(plan: Plan, rows: pl.LazyFrame, check: Check) -> pl.DataFrame:
    key = list(check.reads)
    hashed = (pl.struct(key) if len(key) > 1 else pl.col(key[0])).hash()
    whole = pl.all_horizontal([pl.col(name).is_not_null() for name in key])
    keyed = plan.values(rows, only=check.reads).select(pl.when(whole).then(hashed).alias(_HASH))
    hashes = keyed.collect(engine="streaming")[_HASH]
    ascending = hashes.drop_nulls().sort()
    shared = ascending.filter(ascending == ascending.shift(1)).unique()
    del ascending
    positions = hashes.is_in(shared.implode()).arg_true()
    return pl.DataFrame({"position": positions, "hash": hashes.gather(positions)})


def presumed(
    plan: Plan, found: Mapping[str, pl.DataFrame], refused: pl.Series
) -> dict[str, pl.Series]:
    """Record numbers (UInt64) that fail each uniqueness check if equal hashes mean equal keys.

    Args:
        plan: the compiled contract.
        found: what `candidates` gives.
        refused: numbers of the records that are no rows, ascending.
    """
    return {
        check.label: _records_at(
            found[check.label].filter(_fails(["hash"], check.keep))["position"], refused
        )
        for check in _uniqueness(plan)
    }


def duplicates(
    plan: Plan,
    rows: Rows,
    found: Mapping[str, pl.DataFrame],
    neighbours: Neighbours | None = None,
) -> dict[str, pl.Series]:
    """Record numbers (UInt64) of the rows that fail each uniqueness check, by its label.

    A null in a key, or a part that could not be parsed, makes the row nobody's duplicate. Keys are
    compared exactly; `found` (what `candidates` gives) only says which rows to look at.

    Args:
        neighbours: other rows of the extract, which have keys too.
    """
    if neighbours is not None:
        return {c.label: _beside(plan, c, rows, neighbours) for c in _uniqueness(plan)}
    return {
        check.label: _duplicates(
            plan, check, rows, _records_at(found[check.label]["position"], rows.refused)
        )
        for check in _uniqueness(plan)
    }


def _duplicates(plan: Plan, check: Check, rows: Rows, records: pl.Series) -> pl.Series:
    if records.is_empty():
        return records
    key = list(check.reads)
    batches = (records[at : at + _BATCH] for at in range(0, len(records), _BATCH))
    keyed = pl.concat(
        plan.values(rows.fetch(batch).lazy(), only=check.reads).select(RECORD, *key).collect()
        for batch in batches
    )
    return keyed.filter(_fails(key, check.keep))[RECORD]


def _beside(plan: Plan, check: Check, rows: Rows, neighbours: Neighbours) -> pl.Series:
    """As `_duplicates`; in memory are the keys of the judged rows, and the others that have one."""
    key = list(check.reads)
    keyed = neighbours.with_judged(plan, rows.scan(), check.reads).drop_nulls(key)
    judged = plan.values(rows.scan(), only=check.reads).select(key)
    shared = keyed.join(judged, on=key, how="semi", maintain_order="left")
    failing = shared.collect(engine="streaming").filter(_fails(key, check.keep))[RECORD]
    return neighbours.here(failing)


def _fails(key: list[str], keep: str) -> pl.Expr:
    """Whether a row shares its key, and is not the one to keep."""
    shared = pl.struct(key)
    match keep:
        case "first":
            return ~shared.is_first_distinct()
        case "last":
            return ~shared.is_last_distinct()
        case _:
            return shared.is_duplicated()


def _records_at(positions: pl.Series, refused: pl.Series) -> pl.Series:
    """Record numbers of rows, from their positions among rows: refused records have none.

    Before the j-th refused record (from 0), of number r, there are r - 1 - j rows.
    """
    numbers = refused.cast(pl.Int64)
    rows_before = numbers - 1 - pl.int_range(len(numbers), dtype=pl.Int64, eager=True)
    at = positions.cast(pl.Int64)
    skipped = rows_before.search_sorted(at, side="right").cast(pl.Int64)
    return (at + 1 + skipped).cast(pl.UInt64)


def reference_keys(plan: Plan, tables: Mapping[str, pl.LazyFrame]) -> dict[str, pl.Series]:
    """The values that exist, for each reference check whose table is given.

    Args:
        plan: the compiled contract.
        tables: dataset → its clean table.

    Raises:
        ContractError: a table has no column of that name.
    """
    found: dict[str, pl.Series] = {}
    for check in plan.checks:
        if check.reference is None or check.reference.dataset not in tables:
            continue
        reference, table = check.reference, tables[check.reference.dataset]
        known = table.collect_schema().names()
        if set(reference.columns) - set(known):
            raise ContractError(
                f"{check.label} refers to {reference}, but that table has no such column",
                where=plan.contract.where,
                next=f"its columns are {few(known)}",
            )
        columns = [
            pl.col(key).cast(plan.dtypes[name], strict=False)
            for name, key in zip(check.reads, reference.columns, strict=True)
        ]
        keys = table.select(columns).drop_nulls().unique().collect(engine="streaming")
        found[check.label] = keys.to_series() if len(columns) == 1 else keys.to_struct()
    return found
