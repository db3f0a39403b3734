"""automatic: corrections that a contract lets happen by themselves, each as a decision."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import polars as pl

from cleanhold.builtins.remedies import remedied
from cleanhold.core.check import Kind, Severity
from cleanhold.core.contract import Column, Contract
from cleanhold.core.decision import Act, Decision
from cleanhold.core.extract import ROW_ID_PREFIX
from cleanhold.core.finding import ROW_ID
from cleanhold.core.remedy import Remedy
from cleanhold.core.run import InputKind
from cleanhold.pipeline.correct import patched
from cleanhold.pipeline.known_texts import known_texts
from cleanhold.pipeline.person import ITSELF
from cleanhold.pipeline.prospect import prospect
from cleanhold.pipeline.stores import Stores, raw_column
from cleanhold.store.decisions import write_rows
from cleanhold.store.quarantine import Quarantine
from cleanhold.store.quarantine_remedies import Remediable

#: Checks that find fault with the text itself.
_ALONE = (Kind.PARSE, Kind.ROW, Kind.REFERENCE)

#: Of each row and column that remedies change: its raw name, its new text, the remedies used.
_NOTHING = pl.DataFrame(
    schema={ROW_ID: pl.String, "column": pl.String, "raw": pl.String, "new": pl.String,
            "used": pl.List(pl.String)}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Automatic:
    """What was done without asking.

    Attributes:
        decisions: one for each set of corrections that rows took.
        withheld: why others were not made, in words.
    """

    decisions: tuple[Decision, ...] = ()
    withheld: tuple[str, ...] = ()


def correct_automatically(stores: Stores, contract: Contract) -> Automatic:
    """Decide on held rows as the contract lets it, each row by itself.

    A row is corrected only if its extract is published, if the row then passes as a whole, beside
    the published and waiting rows of its extract too, and if nobody has ever decided on its
    content. Doing it again changes nothing.
    """
    columns = [column for column in contract.columns if column.automatic]
    if not columns:
        return Automatic()
    rows = pl.concat([_NOTHING, *(_corrected(stores, contract, c) for c in columns)])
    extracts = [e[:ROW_ID_PREFIX] for e in stores.ledger.published_extracts(contract.dataset)]
    rows = rows.filter(pl.col(ROW_ID).str.head(ROW_ID_PREFIX).is_in(extracts))
    if not rows.height:
        return Automatic()
    rows = _together(stores, contract, rows)
    rows, withheld = _within_limit(stores, contract, rows)
    parts = rows.partition_by("used", maintain_order=True)
    return Automatic(tuple(_decide(stores, contract, part) for part in parts), tuple(withheld))


def _corrected(stores: Stores, contract: Contract, column: Column) -> pl.DataFrame:
    """The rows that are held for the text of a column, where remedies change it."""
    quarantine, found = Remediable(stores.state), [_NOTHING]
    labels = [
        check.label
        for check in contract.checks
        if check.column == column.name and check.kind in _ALONE and check.severity is Severity.ERROR
    ]
    for run_id in quarantine.runs(contract.dataset, labels):
        raw = raw_column(stores, run_id, column.name)
        if raw is None:
            continue
        texts = quarantine.values(contract.dataset, labels, run_id, raw)
        news = _remedied(stores, contract, column, texts)
        if not news:
            continue
        rows = quarantine.rows(contract.dataset, labels, run_id, raw, [*news])
        pairs = pl.DataFrame(
            [(old, new, [*map(str, used)]) for old, (new, used) in news.items()],
            schema={"old": pl.String, "new": pl.String, "used": pl.List(pl.String)},
            orient="row",
        )
        named = rows.with_columns(column=pl.lit(column.name), raw=pl.lit(raw))
        found.append(named.join(pairs, on="old").select(_NOTHING.columns))
    return pl.concat(found)


def _remedied(
    stores: Stores, contract: Contract, column: Column, texts: list[str]
) -> dict[str, tuple[str, tuple[Remedy, ...]]]:
    looked_up = any(remedy.looks_up for remedy in column.automatic)
    known = known_texts(stores, contract, column, texts)[0] if looked_up else None
    return remedied(texts, column.automatic, known)


def _together(stores: Stores, contract: Contract, changes: pl.DataFrame) -> pl.DataFrame:
    """The changed rows that pass, as decisions have them, and what each took (`used`, JSON)."""
    news: dict[str, dict[str, str]] = {}
    used: dict[str, dict[str, list[str]]] = {}
    for row_id, column, raw, new, took in changes.sort(ROW_ID, "column").iter_rows():
        news.setdefault(row_id, {})[raw] = new
        used.setdefault(row_id, {})[column] = took
    rows = Quarantine(stores.state).to_decide(
        contract.dataset, str(Act.CORRECT), rows=[*news], status="held"
    )
    elsewhere = _of_one_column(contract)
    hopeful = [
        {elsewhere.get(label) for label in labels} - {None} <= used[row_id].keys()
        for row_id, labels in rows.select(ROW_ID, "holding").iter_rows()
    ]
    rows = rows.filter(pl.Series(hopeful, dtype=pl.Boolean))
    if not rows.height:
        return rows.with_columns(used=pl.lit(None, dtype=pl.String))
    rows = patched(rows, [news[row_id] for row_id in rows[ROW_ID]])
    passing = prospect(stores, contract.dataset, rows).released
    told = pl.Series("used", [json.dumps(used[row_id]) for row_id in rows[ROW_ID]])
    return rows.with_columns(told).filter(pl.col(ROW_ID).is_in(passing.implode()))


def _of_one_column(contract: Contract) -> dict[str, str]:
    """Label → column of the checks that hold a row until that very column is corrected."""
    return {
        check.label: check.column
        for check in contract.checks
        if check.column and check.kind in _ALONE and {*check.reads} <= {check.column}
    }


def _within_limit(
    stores: Stores, contract: Contract, rows: pl.DataFrame
) -> tuple[pl.DataFrame, list[str]]:
    """Without the rows of extracts of which too many would be corrected, and that, in words."""
    limit = contract.automatic_limit
    if limit is None:
        return rows, []
    before = Remediable(stores.state).corrected(contract.dataset)
    prefix = pl.col(ROW_ID).str.head(ROW_ID_PREFIX)
    withheld, too_many = [], []
    for sha256, name, records in _extracts(stores, contract.dataset):
        start = sha256[:ROW_ID_PREFIX]
        wanted = rows.filter(prefix == start).height
        count = wanted + before.get(sha256, 0)
        most = limit if isinstance(limit, int) else limit * records
        if wanted and count > most:
            too_many.append(start)
            said = f"{limit:,} rows" if isinstance(limit, int) else f"{limit:.3g} of {records:,}"
            withheld.append(
                f"{wanted:,} rows of {name} are not corrected without asking: the limit is {said}"
            )
    return rows.filter(~prefix.is_in(too_many)), withheld


def _extracts(stores: Stores, dataset: str) -> Iterator[tuple[str, str, int]]:
    """SHA-256, name and number of records of each extract that a run of the dataset has judged."""
    seen: dict[str, tuple[str, int]] = {}
    for run in stores.ledger.runs(dataset):
        for each in run.inputs:
            if each.kind is InputKind.EXTRACT and run.account:
                seen.setdefault(each.sha256, (each.name, run.account.records))
    yield from ((sha256, name, records) for sha256, (name, records) in seen.items())


def _decide(stores: Stores, contract: Contract, rows: pl.DataFrame) -> Decision:
    used: dict[str, list[str]] = json.loads(rows["used"][0])
    told = "; ".join(f"{column}: {', '.join(names)}" for column, names in used.items())
    return stores.ledger.decide(
        Act.CORRECT,
        contract.dataset,
        partial(write_rows, stores.state, rows),
        rows=rows.height,
        who=ITSELF,
        why=f"contract {contract.version} lets this be corrected without asking ({told})",
        terms={"automatic": used, "contract": contract.version},
    )
