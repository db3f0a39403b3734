"""sheet_export: held rows as a workbook to decide about them in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from cleanhold.pipeline import sheet
from cleanhold.pipeline.cases import cases
from cleanhold.pipeline.quarantine import Review
from cleanhold.pipeline.sheet_import import require_imported
from cleanhold.pipeline.sheet_rows import HeldRows
from cleanhold.pipeline.sheet_write import write_book
from cleanhold.pipeline.stores import Stores


def export_book(
    stores: Stores, review: Review, file: Path, dataset: str | None = None, check: str | None = None
) -> int:
    """Write the workbook; returns how many held rows are in it.

    Args:
        stores: of the workspace.
        review: as the person sees the quarantine: what must not be seen is masked.
        file: to write.
        dataset: whose rows; each has a sheet if None.
        check: only rows that this check holds.

    Raises:
        UnknownDataset: there is no such dataset.
        UsageError: the file cannot be written, or has decisions in it that were not imported.
    """
    review.known(dataset)
    require_imported(stores, file)
    names = [dataset] if dataset else sorted(review.datasets)
    held = [_held(stores, review, name, check) for name in names]
    held = [each for each in held if each.rows.height or dataset]
    known = {case.id: case for case in cases(stores, dataset, None)}
    write_book(file, held, known, list(_refused(review, names)))
    return sum(each.rows.height for each in held)


def _held(stores: Stores, review: Review, dataset: str, check: str | None) -> HeldRows:
    rows = review.quarantine.to_correct(dataset, check=check, status="held")
    blamed = sheet.to_blame(stores, stores.contracts.get(dataset), rows)
    return HeldRows(dataset, rows, blamed, review.personal(dataset))


def _refused(review: Review, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for name in names:
        for row in map(review.seen, review.quarantine.refused(name, limit=None).to_dicts()):
            data = (row["bytes"] or b"").decode("utf-8", errors="backslashreplace")
            where = (row["extract_name"], f"{row['record']:,}", name, row["code"], row["row_id"])
            yield (row["message"] or "", data, *where)
