"""The account, proven from the files on disk: every record in exactly one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from cleanhold.core.account import Account
from cleanhold.core.finding import ROW_ID
from cleanhold.core.snapshot import Role
from cleanhold.errors import AccountUnbalanced
from cleanhold.store.snapshots import scan

#: Files in which a record can end. `WARNED` tells about rows that are in `DATA`.
HOMES = (Role.DATA, Role.HELD, Role.REFUSED, Role.SUPERSEDED)


def reconcile(
    files: Mapping[Role, Sequence[Path]],
    account: Account,
    *,
    prefix: str,
    replayed: pl.Series | None = None,
    reused: Sequence[Path] = (),
    expired: bool = False,
    where: str,
) -> None:
    """Re-read the row ids of this run and hold them against the account.

    Row ids are `<prefix>-<record>`; the records must be 1 … `account.records`, each in one file
    once. Other rows in the data file (an upserted dataset keeps them) do not count.

    Args:
        files: the Parquet files, by what they hold; a missing role has no rows.
        prefix: what the row ids of this run's extract begin with, without the dash.
        replayed: for a replay, the row ids of the rows that it judged again; they count as the
            records 1, 2, 3 …
        reused: earlier data files that the snapshot keeps; none of these rows may be in them.
        expired: the data file is gone on purpose: the records that are in no other file were
            in it, and must be as many as the account says.

    Raises:
        AccountUnbalanced: a row is missing, is there twice, was not counted, or is held for no
            reason.
    """
    account.require_balance(where)
    expected = {
        Role.DATA: account.clean,
        Role.HELD: account.held,
        Role.REFUSED: account.refused,
        Role.SUPERSEDED: account.superseded,
    }
    records: list[pl.Series] = []
    for role in HOMES[1:] if expired else HOMES:
        found = (
            _records(files[role], prefix, replayed, all_rows=role is not Role.DATA, where=where)
            if files.get(role)
            else pl.Series("record", [], dtype=pl.UInt64)
        )
        if len(found) != expected[role]:
            raise _unbalanced(
                f"the account says {expected[role]} rows in {role}, the file holds {len(found)}",
                where,
            )
        records.append(found)
    numbers = pl.concat(records)
    if numbers.n_unique() != len(numbers):
        twice = numbers.filter(numbers.is_duplicated()).sort()[0]
        name = f"{prefix}-{twice}" if replayed is None else replayed[twice - 1]
        raise _unbalanced(f"the row {name} has more than one home", where)
    # As many different numbers as records (but for those that are gone), none beyond the last.
    if not numbers.is_between(1, account.records).all():
        raise _unbalanced(f"records are not numbered 1 to {account.records}", where)
    _require_reasons(files.get(Role.HELD, ()), where)
    _require_absent(reused, prefix, replayed, where)


def _records(
    paths: Sequence[Path], prefix: str, replayed: pl.Series | None, *, all_rows: bool, where: str
) -> pl.Series:
    """Record numbers of this run's rows in files that hold the same kind of row."""
    ids = _row_ids(paths)
    numbers = _by_prefix(ids, prefix) if replayed is None else _by_list(ids, replayed)
    if not all_rows:
        numbers = numbers.filter(pl.col(ROW_ID).str.starts_with(f"{prefix}-")) if (
            replayed is None
        ) else numbers.drop_nulls("record")  # fmt: skip
    found = numbers.select("record").collect(engine="streaming").to_series()
    if found.null_count():
        raise _unbalanced(
            f"{found.null_count()} row ids in {paths[0].name} are not of this run", where
        )
    return found


def _by_prefix(ids: pl.LazyFrame, prefix: str) -> pl.LazyFrame:
    head = f"{prefix}-"
    number = pl.col(ROW_ID).str.strip_prefix(head).str.to_integer(dtype=pl.UInt64, strict=False)
    canonical = pl.lit(head) + number.cast(pl.String) == pl.col(ROW_ID)
    return ids.with_columns(pl.when(canonical).then(number).alias("record"))


def _by_list(ids: pl.LazyFrame, replayed: pl.Series) -> pl.LazyFrame:
    record = pl.int_range(1, len(replayed) + 1, dtype=pl.UInt64, eager=True)
    listed = pl.DataFrame({ROW_ID: replayed, "record": record})
    return ids.join(listed.lazy(), on=ROW_ID, how="left")


def _row_ids(paths: Sequence[Path]) -> pl.LazyFrame:
    # One by one: contracts change, and so do the columns of the files.
    return pl.concat([scan([path]).select(ROW_ID) for path in paths])


def _require_reasons(held: Sequence[Path], where: str) -> None:
    """Every held row must say why."""
    if not held:
        return
    silent = pl.col("findings").list.len().fill_null(0) == 0
    count = scan(held).select(silent.sum()).collect(engine="streaming").item()
    if count:
        raise _unbalanced(f"{count} rows are held without a finding", where)


def _require_absent(
    reused: Sequence[Path], prefix: str, replayed: pl.Series | None, where: str
) -> None:
    """An appended dataset must not hold the same row twice."""
    if not reused:
        return
    # A range rather than a prefix test: Parquet statistics skip the files of other extracts.
    ours = pl.col(ROW_ID).is_between(pl.lit(f"{prefix}-"), pl.lit(f"{prefix}."), closed="left")
    if replayed is not None:
        ours = pl.col(ROW_ID).is_in(replayed.implode())
    count = _row_ids(reused).filter(ours).select(pl.len()).collect(engine="streaming").item()
    if count:
        raise _unbalanced(f"{count} rows of this run are in the dataset already", where)


def _unbalanced(what: str, where: str) -> AccountUnbalanced:
    return AccountUnbalanced(
        f"the files do not agree with the account: {what}",
        where=where,
        next="nothing was published; please report this with the extract's SHA-256",
    )
