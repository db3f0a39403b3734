"""How the clean rows of an extract and the rows already published become a snapshot."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cleanhold.core.contract import Contract, LoadMode
from cleanhold.core.extract import ROW_ID_PREFIX
from cleanhold.core.finding import ROW_ID
from cleanhold.errors import ContractError
from cleanhold.store.snapshots import count_rows, scan


@dataclass(frozen=True, slots=True)
class Merged:
    """Files of the new snapshot.

    Attributes:
        data: the rows a reader gets, beside the published files if those are kept.
        clean: rows of this extract that are in `data`.
        superseded: rows that passed but are older than what is published; None if there are
            none.
        keeps_published: the files of the current snapshot stay in the new one.
    """

    data: Path
    clean: int
    superseded: Path | None = None
    superseded_rows: int = 0
    keeps_published: bool = False


def merge(
    clean: Path,
    published: Sequence[Path],
    *,
    contract: Contract,
    ranks: Mapping[str, int],
    prefix: str,
    late: bool,
    into: Path,
    again: bool = False,
) -> Merged:
    """Apply the contract's load mode.

    Args:
        clean: the clean rows of this extract.
        published: data files of the current snapshot.
        ranks: first digits of an extract's SHA-256 → its place in the order of deliveries.
        prefix: those of this extract.
        late: a newer delivery is already published.
        into: folder for new files.
        again: the extract was published before; what is left of those rows is judged anew.

    Raises:
        ContractError: published values do not fit the types that the contract has today.
    """
    rows = count_rows(clean)
    if not published:
        return Merged(clean, rows)
    if contract.load is LoadMode.REPLACE:
        return _too_late(clean, rows, published, into) if late else Merged(clean, rows)
    new, old = _alike(scan([clean]), scan(published), contract)
    if contract.load is LoadMode.APPEND:
        if old is None:
            return Merged(clean, rows, keeps_published=True)
        data = into / "appended.parquet"
        _sink(pl.concat([old, new]), data)
        return Merged(data, rows)
    old = old if old is not None else scan(published)
    if again:
        old = old.filter(pl.col(ROW_ID).str.head(ROW_ID_PREFIX) != prefix)
    return _upsert(new, rows, old, contract.key, ranks, prefix, into)


def merge_replayed(
    clean: Path,
    published: Sequence[Path],
    *,
    contract: Contract,
    ranks: Mapping[str, int],
    replayed: pl.Series,
    rejected: Sequence[str] = (),
    into: Path,
) -> Merged:
    """Put released rows into the table, each where the time of its own delivery puts it.

    A row is superseded if its key was delivered again since, be it in another row of the replay, or
    is there from the same delivery: which of the two is right nobody has said. Where each extract
    is the whole table, so are the rows of all deliveries but the newest.

    Args:
        clean: the rows of the replay that passed, with the ids that they have from their extracts.
        published: data files of the current snapshot.
        contract: of the dataset.
        ranks: first digits of an extract's SHA-256 → its place in the order of deliveries.
        replayed: ids of all rows of the replay. Those that are published are judged anew.
        rejected: those among them that do not get into the table, even if they pass.
        into: folder for new files.
    """
    rows = count_rows(clean)
    there = scan(published) if published else scan([clean]).clear()
    new, old = _alike(scan([clean]), there, contract)
    old = old if old is not None else there
    old = old.filter(~pl.col(ROW_ID).is_in(replayed.implode()))
    closed = pl.LazyFrame({ROW_ID: rejected}, schema={ROW_ID: pl.String})
    passed = new.join(closed, on=ROW_ID, how="anti")
    late = pl.concat([overtaken(passed, old, contract, ranks), closed])
    late = late.collect(engine="streaming").lazy()
    superseded, data = into / "superseded.parquet", into / "merged.parquet"
    _sink(new.join(late, on=ROW_ID, how="semi"), superseded)
    kept = new.join(late, on=ROW_ID, how="anti")
    if contract.key:
        old = old.join(kept.select(contract.key), on=contract.key, how="anti", nulls_equal=True)
        _sink(pl.concat([old, kept]).sort(contract.key, maintain_order=True), data)
    else:
        _sink(pl.concat([old, kept]), data)
    count = count_rows(superseded)
    return Merged(data, rows - count, superseded if count else None, count)


def overtaken(
    new: pl.LazyFrame, old: pl.LazyFrame, contract: Contract, ranks: Mapping[str, int]
) -> pl.LazyFrame:
    """Ids of the rows of a replay that do not get into the table; see `merge_replayed`.

    Of rows of the replay that share a key, those of the newest delivery get there; so they do where
    each extract is the whole table, and nothing is published yet.

    Args:
        new: rows that passed; `old`: the table without the rows of the replay.
    """
    late = pl.LazyFrame(schema={ROW_ID: pl.String})
    if contract.key:
        theirs = old.select(*contract.key, rank(ranks).alias("__there"))
        ours = new.select(*contract.key, ROW_ID, rank(ranks).alias("__here"))
        met = ours.join(theirs, on=contract.key, how="inner", nulls_equal=True)
        newest_of_key = pl.col("__here").max().over(contract.key)
        late = pl.concat(
            [
                met.filter(pl.col("__there") >= pl.col("__here")).select(ROW_ID),
                ours.filter(pl.col("__here") < newest_of_key).select(ROW_ID),
            ]
        )
    if contract.load is LoadMode.REPLACE:
        ranked = (rows.select(rank(ranks).max()) for rows in (old, new))
        newest = next((n for n in (r.collect().item() for r in ranked) if n is not None), 0)
        late = pl.concat([late, new.filter(rank(ranks) < newest).select(ROW_ID)])
    return late.unique()


def _too_late(clean: Path, rows: int, published: Sequence[Path], into: Path) -> Merged:
    """The extract would be the table, but a newer one is."""
    nothing = into / "nothing.parquet"
    scan(published).clear().sink_parquet(nothing)
    late = clean if rows else None
    return Merged(nothing, 0, superseded=late, superseded_rows=rows, keeps_published=True)


def _upsert(
    new: pl.LazyFrame,
    rows: int,
    old: pl.LazyFrame,
    key: tuple[str, ...],
    ranks: Mapping[str, int],
    prefix: str,
    into: Path,
) -> Merged:
    """The newest row of each key, by the order of deliveries, not of runs."""
    newer = old.filter(rank(ranks) > ranks[prefix]).select(key)
    late = into / "superseded.parquet"
    _sink(new.join(newer, on=key, how="semi", nulls_equal=True), late)
    late_rows = count_rows(late)
    kept = new.join(newer, on=key, how="anti", nulls_equal=True) if late_rows else new
    remaining = old.join(kept.select(key), on=key, how="anti", nulls_equal=True)
    data = into / "merged.parquet"
    _sink(pl.concat([remaining, kept]).sort(key, maintain_order=True), data)
    return Merged(data, rows - late_rows, late if late_rows else None, late_rows)


def rank(ranks: Mapping[str, int]) -> pl.Expr:
    """The place of each row's extract in the order of deliveries.

    Rows of no delivery, those of an earlier build of a feature table, come before all of them.
    """
    extract = pl.col(ROW_ID).str.head(ROW_ID_PREFIX)
    return extract.replace_strict(dict(ranks), default=-1, return_dtype=pl.Int64)


def _alike(
    new: pl.LazyFrame, old: pl.LazyFrame, contract: Contract
) -> tuple[pl.LazyFrame, pl.LazyFrame | None]:
    """Both with the same columns: those of today's contract. None if `old` has them already.

    A column the contract gained has its default in old rows, or null. One it lost is left out.
    Columns of a pattern come and go with the extracts, and stay as long as the pattern does.
    """
    ours, theirs = new.collect_schema(), old.collect_schema()
    patterns = [c.name for c in contract.columns if c.regex]
    kept = [
        name
        for name in theirs
        if name not in ours and any(re.fullmatch(pattern, name) for pattern in patterns)
    ]
    if kept:
        new = new.with_columns(pl.lit(None, dtype=theirs[name]).alias(name) for name in kept)
    wanted = {**ours, **{name: theirs[name] for name in kept}}
    if list(wanted.items()) == list(theirs.items()):
        return new, None
    changed = [name for name in wanted if name in theirs and theirs[name] != wanted[name]]
    _require_castable(old, changed, wanted, contract)
    columns = [
        pl.col(name).cast(dtype) if name in theirs else _absent(name, dtype, contract)
        for name, dtype in wanted.items()
    ]
    return new, old.select(columns)


def _absent(name: str, dtype: pl.DataType, contract: Contract) -> pl.Expr:
    column = contract.column(name)
    return pl.lit(column.default if column else None, dtype=dtype).alias(name)


def _require_castable(
    old: pl.LazyFrame, changed: Sequence[str], wanted: Mapping[str, pl.DataType], contract: Contract
) -> None:
    """Refuse a change of type that would change a published value."""
    if not changed:
        return
    before = old.collect_schema()
    spoiled = old.select(_is_spoiled(n, before[n], wanted[n]).sum().alias(n) for n in changed)
    counts = spoiled.collect(engine="streaming").row(0, named=True)
    for name in changed:
        if counts[name]:
            raise ContractError(
                f"{counts[name]} published values of {name!r} are {before[name]} and do not fit "
                f"{wanted[name]}, the type the contract gives the column now",
                where=contract.where,
                next="keep the old type, or publish under another dataset name",
            )


def _is_spoiled(name: str, before: pl.DataType, after: pl.DataType) -> pl.Expr:
    value = pl.col(name)
    cast = value.cast(after, strict=False)
    back = cast.cast(before, strict=False)
    return value.is_not_null() & (cast.is_null() | back.ne_missing(value))


def _sink(rows: pl.LazyFrame, file: Path) -> None:
    rows.sink_parquet(file, engine="streaming", compression="lz4")
