"""candidates: what is known of a case's column that could correct it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import polars as pl

from cleanhold.builtins.codes import Codes
from cleanhold.builtins.dates import Dates
from cleanhold.builtins.listed_texts import listed_texts
from cleanhold.builtins.remedies import remedied
from cleanhold.core.case import Case
from cleanhold.core.check import Kind
from cleanhold.core.contract import MASK, Column, Contract
from cleanhold.core.finding import business_key
from cleanhold.core.remedy import Remedy
from cleanhold.core.rewriting import agreed, redated, renumbered, signed
from cleanhold.core.suggestion import Candidate, mapping
from cleanhold.pipeline.known_texts import known_texts
from cleanhold.pipeline.stores import Stores
from cleanhold.store.quarantine import Quarantine

#: Different values that a correction may be about.
_MOST_VALUES = 500

#: Kinds of checks that judge a value by itself.
_ALONE = (Kind.PARSE, Kind.ROW, Kind.REFERENCE)

#: What `determines` says of a row that is unlike most others.
_MOSTLY = re.compile(r"mostly (?P<usual>.+) \((?P<votes>[0-9]+) of (?P<rows>[0-9]+) rows\)")


def candidates(
    stores: Stores, contract: Contract, column: Column, raw: str, case: Case, rows: pl.DataFrame
) -> Iterator[Candidate]:
    """Corrections of a raw column that may help a case, not tried yet.

    Args:
        column: to blame; `raw` as delivered.
        rows: of the case, what `Quarantine.to_decide` gives.
    """
    values = Quarantine(stores.state).case_values(case.id, raw)["value"].drop_nulls().to_list()
    rule = column.parse
    if isinstance(rule, Dates) and column.dtype == pl.Date and not _is_read(column, values):
        yield from redated(raw, values, rule.formats)
    if _is_misspelt(contract, column, case) and len(values) <= _MOST_VALUES:
        if column.dtype.is_numeric():
            yield from renumbered(raw, values, _mark_of(column))
            yield from signed(raw, values)
        yield from _remedied(stores, contract, column, raw, values)
    if rows.height == case.rows:  # of others nobody knows what should be there
        yield from _before(stores, contract, column, raw, rows)
        yield from _usual(stores, case, raw, rows.height)


def _is_misspelt(contract: Contract, column: Column, case: Case) -> bool:
    """Whether some check finds fault with the text itself, not with its absence or other rows."""
    return any(
        check.label in case.checks and check.column == column.name and check.kind in _ALONE
        for check in contract.checks
    )


def _is_read(column: Column, values: list[str]) -> bool:
    """Whether the contract reads some of the values: something else is wrong with them."""
    assert column.parse is not None
    read = column.parse.value(column.parse.clean(pl.col("text")), column.dtype)
    return bool(pl.DataFrame({"text": values}).select(read.is_not_null().any()).item())


def _mark_of(column: Column) -> str:
    """The decimal mark that a column is read with."""
    return str(getattr(column.parse, "mark", "."))


def _remedied(
    stores: Stores, contract: Contract, column: Column, raw: str, values: list[str]
) -> Iterator[Candidate]:
    """What remedies make of the values: of a known text the nearest one last."""
    known, told = known_texts(stores, contract, column, values)
    sure = [remedy for remedy in Remedy if remedy is not Remedy.NEAREST]
    if known.written:
        yield from _steps(raw, remedied(values, sure, known), told)
        if listed_texts(column, contract.checks):
            yield from _steps(raw, remedied(values, [*Remedy], known), f"{told}; no other is near")
        return
    for remedies in ([Remedy.TRIM], [Remedy.WIDTH], [Remedy.MOJIBAKE], sure[:3]):
        yield from _steps(raw, remedied(values, remedies))
    found = remedied(values, sure[:3])
    tidy = {old: new for old, (new, _) in found.items()}
    took = [r.does for r in sure if any(r in used for _, used in found.values())]
    for what, letters in (("write in capitals", str.upper), ("write in small letters", str.lower)):
        pairs = {value: letters(tidy.get(value, value)) for value in values}
        same = {v: new for v, new in pairs.items() if len(new) == len(tidy.get(v, v))}  # not ß, SS
        yield from mapping(raw, same, ", ".join([*took, what]), steps=len(took) + 1)


def _steps(
    raw: str, found: dict[str, tuple[str, tuple[Remedy, ...]]], evidence: str = ""
) -> list[Candidate]:
    """The candidate of what remedies found, which says what it took."""
    took = [remedy for remedy in Remedy if any(remedy in used for _, used in found.values())]
    what = ", ".join(remedy.does for remedy in took)
    return mapping(raw, {v: new for v, (new, _) in found.items()}, what, evidence, len(took))


def _before(
    stores: Stores, contract: Contract, column: Column, raw: str, rows: pl.DataFrame
) -> Iterator[Candidate]:
    """What the rows of the same keys have in the table that readers get."""
    snapshot = stores.ledger.snapshot(contract.dataset)
    if snapshot is None or not contract.key or column.name in contract.key:
        return
    table = stores.table(snapshot)
    if column.name not in table.collect_schema().names():
        return
    value = pl.col(column.name)
    if isinstance(column.parse, Dates):
        value = value.dt.to_string(column.parse.formats[0])
    elif isinstance(column.parse, Codes):
        codes = {meaning: code for code, meaning in reversed(column.parse.mapping)}
        value = value.cast(pl.String).replace_strict(codes, default=None, return_dtype=pl.String)
    text = value.cast(pl.String)
    if column.dtype.is_decimal() or column.dtype.is_float():
        text = text.str.replace(r"\.0*$|(\.[0-9]*?)0+$", "${1}").str.replace(
            ".", _mark_of(column), literal=True
        )
    keyed = table.select(
        business_key=business_key(contract.key), new=text, value=pl.col(column.name)
    )
    if column.parse is not None:  # what it would not read as that value is no correction
        again = column.parse.value(column.parse.clean(pl.col("new")), column.dtype)
        keyed = keyed.filter(again == pl.col("value"))
    olds = pl.Series([json.loads(text).get(raw) for text in rows["values"]], dtype=pl.String)
    now = rows.select("business_key", old=olds)
    wanted = keyed.filter(pl.col("business_key").is_in(now["business_key"].implode()))
    pairs = now.join(wanted.collect(), on="business_key", how="left").select("old", "new")
    told = f"as version {snapshot.number} has it"
    yield from agreed(raw, pairs.rows(), "take what the key had before", told)


def _usual(stores: Stores, case: Case, raw: str, most: int) -> Iterator[Candidate]:
    """What most rows of a group have, where a check says that the others are wrong."""
    pairs: list[tuple[str | None, str | None]] = []
    shares: list[tuple[int, int]] = []
    for row in Quarantine(stores.state).rows(case.dataset, limit=most, case=case.id).to_dicts():
        found = [m for message in row["messages"] or () if (m := _MOSTLY.search(message))]
        is_told = len(found) == 1 and found[0]["usual"] != MASK
        pairs.append((json.loads(row["raw"]).get(raw), found[0]["usual"] if is_told else None))
        shares += [(int(each["votes"]), int(each["rows"])) for each in found if is_told]
    votes, rows = min(shares, key=lambda share: share[0] / share[1], default=(0, 0))
    told = f"as at least {votes:,} of {rows:,} there have"
    yield from agreed(raw, pairs, "take what most rows of the group have", told)
