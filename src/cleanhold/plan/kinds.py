"""What a check may name, and whether it is about rows or about all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from cleanhold.core.check import Kind
from cleanhold.core.parsing import DataType
from cleanhold.errors import ContractError
from cleanhold.plan.recorder import Predicate, counts_rows
from cleanhold.plan.terms import unknown_column

#: Before a pattern: stands for the real columns that it will match, while checks are read.
EACH = "each:"


def named(
    label: str, reads: tuple[str, ...], schema: Mapping[str, DataType], where: str
) -> dict[str, DataType]:
    """The columns a check reads → dtype. One that a pattern may match is of the pattern's."""
    found = {}
    patterns = {n.removeprefix(EACH): d for n, d in schema.items() if n.startswith(EACH)}
    for name in reads:
        matching = [d for pattern, d in patterns.items() if re.fullmatch(pattern, name)]
        if name not in schema and not matching:
            known = [n.removeprefix(EACH) for n in schema]
            unknown_column(f"the check {label} names", name, known, where)
        found[name] = schema[name] if name in schema else matching[0]
    return found


def kind_of(found: Predicate, *, label: str, known: Mapping[str, DataType], where: str) -> Kind:
    """Whether a check is about rows or about all of them, by trying it on rows of nulls."""
    schema = named(label, found.reads, known, where) or {EACH: pl.Null}
    heights = []
    for height in (2, 3):
        nulls = {c: pl.Series(c, [None] * height, dtype=d) for c, d in schema.items()}
        try:
            given = pl.LazyFrame(nulls).select(found.passes.alias("verdict")).collect()
        except Exception as error:  # a person's expression may fail in any way
            raise ContractError(
                f"the check {label} does not work on the types of its columns: "
                f"{str(error).splitlines()[0]}",
                where=where,
                next="compare what it does with the contract's types: "
                + ", ".join(f"{c.removeprefix(EACH)} is {d}" for c, d in schema.items()),
            ) from error
        if given.schema["verdict"] != pl.Boolean:
            raise ContractError(
                f"the check {label} gives {given.schema['verdict']}, not true or false",
                where=where,
                next="compare values row by row, like col('amount') > 0",
            )
        heights.append(given.height)
    if heights == [2, 3]:
        return Kind.ROW
    if heights == [1, 1] and (found.reads or counts_rows(found.passes)):
        return Kind.DATASET
    raise ContractError(
        f"the check {label} gives {heights[0]} value{'s' * (heights[0] != 1)} for 2 rows",
        where=where,
        next="give one for each row, like col('amount') > 0, or one for them all, like "
        "col('amount').sum() > 0",
    )
