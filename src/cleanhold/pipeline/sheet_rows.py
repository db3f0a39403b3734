"""Held rows as pages of a workbook: a line each, with cells for what should become of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from cleanhold.pipeline import sheet
from cleanhold.pipeline.masking import Personal
from cleanhold.pipeline.sheet_page import Cell, Column, Page, Use, split

#: The columns in which people say what should become of a line.
ASKED = (
    Column(sheet.DECISION, 11, Use.DECIDE),
    Column(sheet.REASON, 36, Use.WRITE),
    Column(sheet.UNTIL, 13, Use.DAY),
)


@dataclass(frozen=True, slots=True)
class HeldRows:
    """The held rows of a dataset that go into a workbook.

    Attributes:
        rows: what `Quarantine.to_correct` gives.
        blamed: of each row, the raw columns that hold it.
        hidden: which values are personal.
    """

    dataset: str
    rows: pl.DataFrame
    blamed: Sequence[Sequence[str]]
    hidden: Personal


def pages(held: HeldRows, taken: set[str]) -> Iterator[Page]:
    """The pages of a dataset: one, or as many as hold all its rows.

    Args:
        held: the rows.
        taken: see `sheet_page.split`.
    """
    names = sheet.raw_columns(held.rows)
    corrected = {name for blamed in held.blamed for name in blamed}
    paired = [name for name in names if name in corrected] or names
    columns = [Column(sheet.WHY, 48), *ASKED]
    for name in paired:
        columns += [
            Column(sheet.DELIVERED + name, 18),
            Column(sheet.CORRECT + name, 18, Use.WRITE),
        ]
    printed = len(columns)
    others = [name for name in names if name not in paired]
    columns += [Column(sheet.DELIVERED + name, 16) for name in others]
    columns += [Column(sheet.CASE, 14), Column(sheet.ROW_OF + held.dataset, 12)]
    lines = _lines(held, paired, others)
    return split(held.dataset, columns, lines, held.rows.height, printed, taken)


def _lines(
    held: HeldRows, paired: Sequence[str], others: Sequence[str]
) -> Iterator[list[str | Cell]]:
    for row, blamed in zip(held.rows.iter_rows(named=True), held.blamed, strict=True):
        yield _line(held, row, blamed, paired, others)


def _line(
    held: HeldRows,
    row: dict[str, Any],
    blamed: Sequence[str],
    paired: Sequence[str],
    others: Sequence[str],
) -> list[str | Cell]:
    seen = held.hidden.masked(sheet.values_of(row))
    line: list[str | Cell] = ["; ".join(filter(None, row["messages"] or ())), "", "", ""]
    for name in paired:
        line += [seen.get(name) or "", Cell("", Use.WRITE, name in blamed)]
    line += [seen.get(name) or "" for name in others]
    return [*line, row["case_id"] or "", sheet.token(row)]
