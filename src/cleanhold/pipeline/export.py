"""export: held rows as a file that is safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from cleanhold.errors import UsageError

#: Ways to export.
FORMATS = ("csv", "parquet", "xlsx")

#: A spreadsheet takes a cell that begins with one of these for a formula (OWASP, CSV
#: injection), the wide forms too; a plain number is one, whatever its sign.
_FORMULA = r"\A[=+\-@\t\r\n＝＋－＠]"
_NUMBER = r"\A[+-]?[0-9]+(\.[0-9]+)?\z"

#: Rows of a worksheet, the header included; characters of a cell.
SHEET_ROWS, _CELL = 1_048_576, 32_767

#: Characters of a heading; a few more are left for a number.
_HEADING = 240


def write_export(frame: pl.DataFrame, file: Path, kind: str) -> None:
    """Write an export; spreadsheets will not run what a row contains.

    Args:
        kind: one of `FORMATS`. In CSV, text that a spreadsheet would take for a formula gets an
            apostrophe before it; in xlsx every cell is typed, so nothing needs changing.

    Raises:
        UsageError: there is no such kind, or the file cannot be written or hold as much.
    """
    require_format(kind)
    write = {"csv": _write_csv, "parquet": _write_parquet, "xlsx": _write_xlsx}[kind]
    with replaced(file) as draft:
        write(frame, draft)


@contextmanager
def replaced(file: Path) -> Iterator[Path]:
    """A draft to write, which takes the place of the file if the block does not fail.

    Raises:
        UsageError: it cannot be written.
    """
    if file.exists() and not file.is_file():
        raise UsageError(f"{file} is not a file", next="give --out the name of a file")
    draft = file.with_name(f".{file.name}.part")
    try:
        yield draft
        draft.replace(file)
    except OSError as error:
        raise UsageError(
            f"{file} cannot be written: {error.strerror or error}", next="give --out another file"
        ) from error
    finally:
        draft.unlink(missing_ok=True)


def require_format(kind: str) -> None:
    """Raise `UsageError` unless the kind is one of `FORMATS`."""
    if kind not in FORMATS:
        raise UsageError(f"there is no export to {kind!r}", next="use " + ", ".join(FORMATS))


def _write_parquet(frame: pl.DataFrame, file: Path) -> None:
    frame.write_parquet(file)


def _write_csv(frame: pl.DataFrame, file: Path) -> None:
    names = pl.Series(frame.columns, dtype=pl.String)
    defused = frame.with_columns(_defused(pl.col(pl.String)))
    defused.columns = names.to_frame("n").select(_defused(pl.col("n")))["n"].to_list()
    defused.write_csv(file, include_bom=True)


def _defused(text: pl.Expr) -> pl.Expr:
    runs = text.str.contains(_FORMULA) & ~text.str.contains(_NUMBER)
    return pl.when(runs).then(pl.lit("'") + text).otherwise(text).name.keep()


def _write_xlsx(frame: pl.DataFrame, file: Path) -> None:
    import xlsxwriter

    if frame.height >= SHEET_ROWS:
        raise UsageError(
            f"{frame.height:,} lines do not fit into a worksheet",
            next="export to csv or parquet, or narrow it with --dataset and --check",
        )
    longest = pl.col(pl.String)
    cut = pl.when(longest.str.len_chars() > _CELL).then(longest.str.head(_CELL - 1) + pl.lit("…"))
    frame = frame.with_columns(cut.otherwise(longest).name.keep())
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        frame.rename(_headings(frame.columns)).write_excel(
            book, worksheet="quarantine", autofit=True, freeze_panes=(1, 0)
        )


def _headings(names: Sequence[str]) -> dict[str, str]:
    """Headings of a worksheet's table: unique whatever the case, and not too long."""
    taken: dict[str, str] = {}
    for name in names:
        heading, number = name[:_HEADING] or "(no name)", 1
        while heading.casefold() in taken:
            number += 1
            heading = f"{name[:_HEADING]} ({number})"
        taken[heading.casefold()] = heading
    return dict(zip(names, taken.values(), strict=True))
