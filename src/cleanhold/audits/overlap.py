"""Overlap: what a model is tested on that it was trained on."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cleanhold.core.audit import AuditResult, Verdict
from cleanhold.errors import UsageError


def overlap(
    train: pl.DataFrame | pl.LazyFrame,
    test: pl.DataFrame | pl.LazyFrame,
    on: str | Sequence[str] | None = None,
) -> AuditResult:
    """Which share of the test's rows the training set has, too.

    Args:
        train: what a model is trained on; `test`: what it is measured with.
        on: the columns that say what a row is about: a customer in both is known. All columns that
            both have if not given: equal rows. Rows without a value in any of them are in neither.

    Raises:
        UsageError: they have no such column, or not of one type.
    """
    first, second = train.lazy(), test.lazy()
    schemas = [first.collect_schema(), second.collect_schema()]
    wanted = [on] if isinstance(on, str) else on
    names = list(wanted or [name for name in schemas[0] if name in schemas[1]])
    for name in names:
        if not all(name in schema for schema in schemas):
            raise UsageError(
                f"{name!r} is not a column of both sets", next="name columns that both have"
            )
        if schemas[0][name] != schemas[1][name]:
            raise UsageError(
                f"{name!r} is of type {schemas[0][name]} in one set and {schemas[1][name]} in the "
                "other",
                next="convert one of them",
            )
    if not names:
        raise UsageError("the sets have no column in common", next="name the key: on='customer_id'")
    both = second.join(first.select(names).unique(), on=names, how="semi")
    found, rows = (
        int(part.select(pl.len()).collect(engine="streaming").item()) for part in (both, second)
    )
    what = f"{found:,} of {rows:,} rows of the test are in the training set by {', '.join(names)}"
    return AuditResult(
        "overlap",
        Verdict.WARN if found else Verdict.PASS,
        what,
        measured=f"{100 * found / max(rows, 1):.1f} % of the rows",
        expected="none",
    )
