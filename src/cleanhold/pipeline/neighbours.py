"""neighbours: the rows of an extract that a replay does not judge, but must not forget."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from cleanhold.core.check import Kind
from cleanhold.core.contract import Contract
from cleanhold.core.extract import ROW_ID_PREFIX
from cleanhold.core.finding import RECORD_NUMBER, ROW_ID, business_key
from cleanhold.core.reading import RECORD
from cleanhold.pipeline.feeds import by_contract
from cleanhold.pipeline.replay_file import by_layout, raw_columns, replay_rows
from cleanhold.pipeline.stores import Stores
from cleanhold.plan.execute import compile_plan
from cleanhold.plan.neighbours import Neighbours
from cleanhold.store.quarantine_beside import Beside

#: Checks for which other rows of the extract matter.
_SHARED = (Kind.UNIQUE, Kind.GROUP, Kind.APART)

_PREFIX = pl.col(ROW_ID).str.head(ROW_ID_PREFIX)


def matter(contract: Contract) -> bool:
    """Whether a verdict of the contract may depend on other rows of the extract."""
    return any(check.kind in _SHARED for check in contract.checks)


def shared(contract: Contract) -> tuple[list[str], list[str]]:
    """Labels of the checks that rows share no value, and of others that look at several rows."""
    found = [c for c in contract.checks if c.kind in _SHARED]
    unique = [c.label for c in found if c.kind is Kind.UNIQUE]
    return unique, [c.label for c in found if c.label not in unique]


def waiting_beside(stores: Stores, contract: Contract, rows: pl.DataFrame) -> pl.DataFrame:
    """The other rows that wait, of the extracts of some, which matter to their verdicts.

    Args:
        stores: of the workspace.
        contract: of the dataset.
        rows: as `replay_rows` gives them; so is what is returned.
    """
    if not matter(contract):
        return rows.clear()
    keys = _keys(stores, contract, rows) if _only_its_key(contract) else None
    ids = rows[ROW_ID].to_list()
    found = Beside(stores.state).waiting(contract.dataset, ids, keys, contract.version)
    return replay_rows(found) if found.height else rows.clear()


def published_beside(
    stores: Stores, contract: Contract, rows: pl.DataFrame, into: Path
) -> pl.LazyFrame | None:
    """The other rows of the same extracts that readers have, with the columns that matter.

    Args:
        into: file that they are written to.
    """
    current = stores.ledger.head(contract.dataset)
    if current is None or not matter(contract):
        return None
    table = stores.table(current)
    looking = [check for check in contract.checks if check.kind in _SHARED]
    columns = [name for name in table.collect_schema().names() if name != ROW_ID]
    if not any(check.kind is Kind.APART for check in looking):  # nobody knows what those read
        wanted = {RECORD_NUMBER, *(name for check in looking for name in check.reads)}
        columns = [name for name in columns if name in wanted]
    extracts = rows[ROW_ID].str.head(ROW_ID_PREFIX).unique()
    others = _PREFIX.is_in(extracts.implode()) & ~pl.col(ROW_ID).is_in(rows[ROW_ID].implode())
    table.filter(others).select(ROW_ID, *columns).sink_parquet(into)
    return pl.scan_parquet(into, glob=False)


def neighbours(
    contract: Contract, judged: pl.DataFrame, waiting: pl.DataFrame, published: pl.LazyFrame | None
) -> Neighbours | None:
    """What is beside rows of one extract; None if nothing is.

    Args:
        contract: that judges them.
        judged: the rows, of one extract, in the order of their records.
        waiting: all other rows that wait or are judged apart; those of other extracts are ignored.
        published: what `published_beside` gives.
    """
    extract = judged[ROW_ID][0][:ROW_ID_PREFIX]
    others = waiting.filter(extract == _PREFIX).join(judged, on=ROW_ID, how="anti")
    found = [_values(contract, part) for part in by_layout(others)] if others.height else []
    if published is not None:  # a row that waits, and is published too, is one row
        there = published.filter(extract == _PREFIX)
        once = there.join(others.lazy().select(ROW_ID), on=ROW_ID, how="anti")
        found.append(once.drop(ROW_ID).rename({RECORD_NUMBER: RECORD}))
    if not found:
        return None
    return Neighbours(pl.concat(found, how="diagonal_relaxed"), judged[RECORD_NUMBER])


def _only_its_key(contract: Contract) -> bool:
    shared = (check for check in contract.checks if check.kind in _SHARED)
    return all(c.kind is Kind.UNIQUE and c.reads == contract.key for c in shared)


def _keys(stores: Stores, contract: Contract, rows: pl.DataFrame) -> list[str]:
    """The keys of rows as the quarantine has them, but with their corrections."""
    key = business_key(contract.key).alias("key")
    found = [
        _values(own, part).select(key).collect().to_series()
        for own, every in by_contract(stores, contract, rows)
        for part in by_layout(every)
    ]
    return pl.concat(found).drop_nulls().unique().to_list()


def _values(contract: Contract, rows: pl.DataFrame) -> pl.LazyFrame:
    """Record numbers and values of raw rows, columns that the contract names."""
    plan = compile_plan(contract, dict.fromkeys(raw_columns(rows), pl.String()))
    raw = rows.lazy().with_columns(pl.col(RECORD_NUMBER).alias(RECORD))
    return plan.values(raw).select(RECORD, *plan.dtypes)
