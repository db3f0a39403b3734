"""sheet_export: the held rows of a dataset as a workbook to correct them in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cleanhold.pipeline import sheet
from cleanhold.pipeline.quarantine import Review
from cleanhold.pipeline.sheet_write import write_sheet
from cleanhold.pipeline.stores import Stores

_REFUSED = ("row", "extract", "record", "code", "why", "bytes")


def export_sheet(
    stores: Stores, review: Review, file: Path, dataset: str, check: str | None = None
) -> int:
    """Write the workbook; returns how many held rows are in it.

    Args:
        stores: of the workspace.
        review: as the person sees the quarantine: what must not be seen is masked.
        file: to write.
        dataset: whose rows.
        check: only rows that this check holds.

    Raises:
        UnknownDataset: there is no such dataset.
        UsageError: the file cannot be written, or a worksheet does not hold as many rows.
    """
    review.require(dataset)
    rows = review.quarantine.to_correct(dataset, check=check, status="held")
    corrected = sheet.to_blame(stores, stores.contracts.get(dataset), rows)
    refused = [_REFUSED, *_refused(review, dataset)]
    write_sheet(file, dataset, rows, corrected, refused, review.personal(dataset))
    return rows.height


def _refused(review: Review, dataset: str) -> Iterator[tuple[str, ...]]:
    for row in map(review.seen, review.quarantine.refused(dataset, limit=None).to_dicts()):
        data = (row["bytes"] or b"").decode("utf-8", errors="backslashreplace")
        told = (row["row_id"], row["extract_name"], str(row["record"]), row["code"])
        yield (*told, row["message"] or "", data)
