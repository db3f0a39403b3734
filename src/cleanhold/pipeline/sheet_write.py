"""sheet_write: held rows as a workbook in which people decide about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from cleanhold.core.case import Case
from cleanhold.pipeline.export import replaced
from cleanhold.pipeline.sheet_cases import NAME, cases_page
from cleanhold.pipeline.sheet_look import Look, draw, explain
from cleanhold.pipeline.sheet_page import Column, split
from cleanhold.pipeline.sheet_rows import HeldRows, pages

#: What is told of a refused record.
REFUSED = (
    Column("why it was refused", 60),
    Column("as it came", 60),
    Column("extract", 30),
    Column("record", 10),
    Column("dataset", 20),
    Column("code", 20),
    Column("id", 24),
)


def write_book(
    file: Path,
    held: Sequence[HeldRows],
    cases: Mapping[str, Case],
    refused: Sequence[Sequence[str]],
) -> None:
    """Write the workbook. It has no formulas: every cell is a text, whatever it begins with.

    Args:
        file: to write; it is replaced when all is written.
        held: the rows of each dataset.
        cases: what is known of their cases, by id.
        refused: refused records, each as `REFUSED` has it.

    Raises:
        UsageError: the file cannot be written.
    """
    import xlsxwriter

    with replaced(file) as draft, xlsxwriter.Workbook(draft, {"constant_memory": True}) as book:
        look = Look(book)
        explain(book, look)
        draw(book, look, cases_page(held, cases)).activate()
        taken = {"read me", NAME, "history"}
        for each in held:
            for page in pages(each, taken):
                draw(book, look, page)
        printed = len(REFUSED) - 1
        for page in split("refused", REFUSED, iter(refused), len(refused), printed, taken):
            draw(book, look, page)
