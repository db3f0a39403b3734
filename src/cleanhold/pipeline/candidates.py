"""candidates: what is known of a case's column that could correct it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import polars as pl

from cleanhold.builtins.codes import Codes
from cleanhold.builtins.dates import Dates
from cleanhold.builtins.mojibake import repaired
from cleanhold.core.case import Case
from cleanhold.core.check import Kind
from cleanhold.core.contract import Column, Contract
from cleanhold.core.finding import business_key
from cleanhold.core.rewriting import agreed, nearest, redated, renumbered, tidied
from cleanhold.core.suggestion import Candidate, mapping
from cleanhold.expressions import tree
from cleanhold.expressions.untranslatable import Untranslatable
from cleanhold.pipeline.masking import MASK
from cleanhold.pipeline.stores import Stores
from cleanhold.store.quarantine import Quarantine

#: Different values that a correction may be about.
_MOST_VALUES = 500

#: Kinds of checks that judge a value by itself.
_ALONE = (Kind.PARSE, Kind.ROW, Kind.REFERENCE)

#: What `determines` says of a row that is unlike most others.
_MOSTLY = re.compile(r"mostly (?P<usual>.+) \([0-9]+ of [0-9]+ rows\)")


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
    if isinstance(rule, Dates):
        yield from redated(raw, values, rule.formats)
    if _is_misspelt(contract, column, case) and len(values) <= _MOST_VALUES:
        yield from tidied(raw, values)
        if column.dtype.is_numeric():
            yield from renumbered(raw, values, _mark_of(column))
        mended = repaired(pl.Series(values, dtype=pl.String)).to_list()
        pairs = dict(zip(values, mended, strict=True))
        yield from mapping(raw, pairs, "mend text that was decoded with the wrong encoding")
        yield from nearest(raw, values, _known(contract, column))
        yield from _referenced(stores, contract, column, raw, values)
    if rows.height == case.rows:  # of others nobody knows what should be there
        yield from _before(stores, contract, column, raw, rows)
        yield from _usual(stores, case, raw, rows.height)


def _is_misspelt(contract: Contract, column: Column, case: Case) -> bool:
    """Whether some check finds fault with the text itself, not with its absence or other rows."""
    return any(
        check.label in case.checks and check.column == column.name and check.kind in _ALONE
        for check in contract.checks
    )


def _mark_of(column: Column) -> str:
    """The decimal mark that a column is read with."""
    return str(getattr(column.parse, "mark", "."))


def _known(contract: Contract, column: Column) -> set[str]:
    """The texts that a column may have, where the contract lists them."""
    if isinstance(column.parse, Codes):
        return {code for code, _ in column.parse.mapping}
    checks = (c for c in contract.checks if c.column == column.name and c.name == "isin")
    return {str(v) for c in checks if c.passes is not None for v in _listed(c.passes)}


def _listed(expression: pl.Expr) -> list[Any]:
    """The constants in the lists of an expression."""
    try:
        node = tree.read(expression)
        if node.kind != "Literal":
            return [value for part in node.parts for value in _listed(part)]
        value = tree.literal_of(expression, node).value
    except Untranslatable:
        return []
    return value if isinstance(value, list) else []


def _referenced(
    stores: Stores, contract: Contract, column: Column, raw: str, values: list[str]
) -> Iterator[Candidate]:
    """Keys that are the same but for case, marks, blanks and leading zeros.

    Not those that are merely alike: a number one digit off is somebody else.
    """
    for check in contract.checks:
        if check.kind is not Kind.REFERENCE or check.column != column.name or not check.reference:
            continue
        snapshot = stores.ledger.snapshot(check.reference.dataset)
        if snapshot is None or len(check.reference.columns) != 1:
            continue
        key = pl.col(check.reference.columns[0]).cast(pl.String)
        plain = pl.DataFrame({"old": values}).with_columns(plain=_plain(pl.col("old")))
        keys = stores.table(snapshot).select(new=key, plain=_plain(key)).unique()
        only = keys.filter(pl.col("plain").is_in(plain["plain"].implode())).filter(
            pl.len().over("plain") == 1
        )
        pairs = dict(plain.join(only.collect(), on="plain").select("old", "new").iter_rows())
        told = f"which {check.reference.dataset} has"
        yield from mapping(raw, pairs, "take the key that is the same but for its writing", told)


def _plain(text: pl.Expr) -> pl.Expr:
    letters = text.str.normalize("NFKC").str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]", "")
    return letters.str.replace_all(r"(^|\p{L})0+([0-9])", "${1}${2}")


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
    for row in Quarantine(stores.state).rows(case.dataset, limit=most, case=case.id).to_dicts():
        found = [m for message in row["messages"] or () if (m := _MOSTLY.search(message))]
        is_told = len(found) == 1 and found[0]["usual"] != MASK
        pairs.append((json.loads(row["raw"]).get(raw), found[0]["usual"] if is_told else None))
    yield from agreed(raw, pairs, "take what most rows of the group have", "the majority there")
