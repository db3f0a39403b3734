"""Cases as a page of a workbook: one line decides about all rows of a case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from cleanhold.core.case import Case
from cleanhold.pipeline import sheet
from cleanhold.pipeline.sheet_page import Cell, Column, Page, Use
from cleanhold.pipeline.sheet_rows import ASKED, HeldRows

#: The name of the page.
NAME = "cases"

#: What stands in place of a value that the rows of a case do not share.
DIFFERENT = "(different values)"

_COLUMNS = (
    Column("what is wrong", 60),
    Column("rows", 8),
    *ASKED,
    Column("column", 18),
    Column("delivered", 20),
    Column(sheet.VALUE, 20, Use.WRITE),
    Column("first came", 12),
    Column("dataset", 20),
    Column(sheet.CASE_TOKEN, 12),
)


def case_token(dataset: str, case: str, rows: int, column: str) -> str:
    """Names a case: how many of its rows are in the workbook, and the column it would correct."""
    return f"{dataset}:{case}:{rows}:{column}"


def read_token(text: str) -> tuple[str, str, int, str]:
    """The parts of a token; it is no token if the dataset is empty."""
    dataset, _, rest = text.partition(":")
    case, _, rest = rest.partition(":")
    count, _, column = rest.partition(":")
    return (dataset, case, int(count), column) if count.isdecimal() else ("", "", 0, "")


def cases_page(held: Sequence[HeldRows], cases: Mapping[str, Case]) -> Page:
    """The page; cases with most rows first.

    Args:
        held: the rows that are in the workbook.
        cases: what is known of each case.
    """
    lines = sorted((line for each in held for line in _lines(each, cases)), key=_most_first)
    return Page(NAME, _COLUMNS, [line for _, line in lines], len(lines), len(_COLUMNS) - 3)


def _most_first(found: tuple[int, list[str | Cell]]) -> tuple[int, str]:
    return -found[0], str(found[1][-1])


def _lines(held: HeldRows, cases: Mapping[str, Case]) -> Iterator[tuple[int, list[str | Cell]]]:
    blamed = pl.Series("blamed", held.blamed, dtype=pl.List(pl.String))
    for (case_id,), rows in held.rows.with_columns(blamed).group_by("case_id"):
        case = cases.get(str(case_id))
        if case is None:
            continue
        names = rows["blamed"].explode().drop_nulls().unique().to_list()
        column = names[0] if len(names) == 1 and case.column else ""
        values = {sheet.values_of(row).get(column) for row in rows.iter_rows(named=True)}
        one = bool(column) and len(values) == 1
        value = Cell("", Use.WRITE, wanted=True) if one else Cell("", Use.READ)
        told = held.hidden.masked({column: values.pop()})[column] if one else column and DIFFERENT
        line: list[str | Cell] = [case.title, f"{rows.height:,}", "", "", "", column]
        mark = case_token(held.dataset, case.id, rows.height, column)
        line += [told or "", value, f"{case.first_seen:%F}", held.dataset, mark]
        yield rows.height, line
