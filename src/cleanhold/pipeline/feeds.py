"""Which contract judges rows that have been ingested: their dataset's, as of their source."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import polars as pl

from cleanhold.core.contract import Contract
from cleanhold.core.extract import ROW_ID_PREFIX
from cleanhold.core.finding import ROW_ID
from cleanhold.core.run import canonical_json
from cleanhold.pipeline.stores import Stores

#: A contract, and the rows that it judges.
Judged = tuple[Contract, pl.DataFrame]


def by_contract(stores: Stores, contract: Contract, rows: pl.DataFrame) -> list[Judged]:
    """Rows of a dataset, each under the contract that its source was ingested with.

    Args:
        stores: of the workspace.
        contract: of the dataset.
        rows: with `row_id`, any order; the order is kept in each part.
    """
    contracts = [contract]  # those that differ
    number_of: dict[str, int] = {}  # prefix of row ids → number of its contract
    for extract in stores.ledger.extracts():
        source = stores.sources.get(extract.source)
        if source is not None and source.dataset == contract.dataset:
            own = source.judged_by(contract)
            if own.nulls not in (known := [one.nulls for one in contracts]):
                contracts.append(own)
            number_of[extract.sha256[:ROW_ID_PREFIX]] = [*known, own.nulls].index(own.nulls)
    if len(contracts) == 1:
        return [(contract, rows)]
    prefix = pl.col(ROW_ID).str.head(ROW_ID_PREFIX)
    number = prefix.replace_strict(number_of, default=0, return_dtype=pl.Int64)
    parts = [(one, rows.filter(number == at)) for at, one in enumerate(contracts)]
    return [(one, found) for one, found in parts if found.height]


def fingerprint(judged: Sequence[Judged]) -> str:
    """Hex SHA-256 of everything in these contracts that can change a verdict or a value."""
    distinct = sorted({contract.fingerprint() for contract, _ in judged})
    if len(distinct) == 1:
        return distinct[0]
    return hashlib.sha256(canonical_json(distinct)).hexdigest()
