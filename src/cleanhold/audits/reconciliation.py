"""Reconciliation: does the extract come to the totals that its source says?"""

from __future__ import annotations

import json
from decimal import Decimal

import polars as pl

from cleanhold.core import chart
from cleanhold.core.audit import AuditResult, Candidate, Evidence, Verdict
from cleanhold.core.contract import Column
from cleanhold.core.control import RECORDS, Total

#: Sums of binary fractions are off by themselves, by this share.
_FLOAT = Decimal("1e-9")


def reconciliation(candidate: Candidate) -> AuditResult:
    """Stop a candidate that does not come to the totals of its source.

    Records are all of the extract, whatever became of them. Sums are over the values that could be
    read, of rows that passed and of rows that are held; where some could not be read, a sum that is
    off is only warned of, for it may be theirs.
    """
    if not candidate.control:
        return AuditResult("reconciliation", Verdict.PASS, "its source gives no totals")
    verdict, told, lines = Verdict.PASS, [], []
    for total in candidate.control:
        found, unread = _found(candidate, total.name)
        off = found - total.expected
        lines.append((total.name, str(total.expected), str(found), str(off), unread))
        if abs(off) <= _allowed(candidate, total):
            continue
        told.append(_said(total, found, off, unread))
        if verdict is not Verdict.STOP:
            verdict = Verdict.WARN if unread else Verdict.STOP
    return AuditResult(
        "reconciliation",
        verdict,
        "; ".join(told) or f"it comes to the {len(lines)} totals of its source",
        f"{len(told)} of {len(lines)} totals are off",
        "0",
        Evidence(("total", "expected", "found", "off", "not read"), tuple(lines)),
        chart=chart.totals(),
    )


def _allowed(candidate: Candidate, total: Total) -> Decimal:
    column = candidate.contract.column(total.name)
    if total.name == RECORDS or column is None or not column.dtype.is_float():
        return total.within
    return max(total.within, _FLOAT * max(abs(total.expected), Decimal(1)))


def _found(candidate: Candidate, name: str) -> tuple[Decimal, int]:
    """What the extract comes to, and how many of its records have no value that could be read."""
    if name == RECORDS:
        return Decimal(candidate.account.records), 0
    column, unread = candidate.contract.column(name), candidate.account.refused
    assert column is not None  # totals of others are refused
    sums = []
    if candidate.clean is not None:
        rows = pl.scan_parquet(candidate.clean, glob=False)
        if name in rows.collect_schema():
            value = _number(pl.col(name), column)
            sums.append(rows.select(value.sum()).collect(engine="streaming").item())
    if candidate.held is not None:
        path = f"$[{json.dumps(name, ensure_ascii=False)}]"
        text = pl.col("parsed").str.json_path_match(path)
        value = _number(text.cast(column.dtype, strict=False), column)
        held = pl.scan_parquet(candidate.held, glob=False).select(
            value.sum(), none=value.is_null().sum()
        )
        total, none = held.collect(engine="streaming").row(0)
        sums.append(total)
        unread += none
    return sum((_exact(one) for one in sums if one is not None), Decimal(0)), unread


def _exact(number: int | float | Decimal) -> Decimal:
    """A sum without the last digit of a binary fraction, which adding makes up."""
    return Decimal(f"{number:.15g}") if isinstance(number, float) else Decimal(number)


def _number(value: pl.Expr, column: Column) -> pl.Expr:
    """What is not a number counts as missing; sums of whole numbers have room."""
    if column.dtype.is_integer():
        return value.cast(pl.Int128)
    return value.fill_nan(None) if column.dtype.is_float() else value


def _said(total: Total, found: Decimal, off: Decimal, unread: int) -> str:
    if total.name == RECORDS:
        return f"{found:,} records, and its source says {total.expected:,}"
    said = f"{total.name} comes to {found:,f}, and its source says {total.expected:,f}: {off:+,f}"
    if not unread:
        return said
    return f"{said} ({unread:,} {'value' if unread == 1 else 'values'} could not be read)"
