"""Pages to files."""

from __future__ import annotations

import re
from pathlib import Path

from cleanhold.errors import UsageError
from cleanhold.pipeline.ages import ages
from cleanhold.pipeline.dossier import Dossier, dossier
from cleanhold.pipeline.stores import Stores
from cleanhold.report.index_page import Entry, index_page
from cleanhold.report.rendering import GENERATOR
from cleanhold.report.snapshot_page import snapshot_page
from cleanhold.store.files import atomic_write

#: Bytes in which a page says whose it is.
_HEAD = 2_000

INDEX = "index.html"


def write_snapshot(found: Dossier, path: Path) -> None:
    """Write the page of one snapshot.

    Raises:
        UsageError: see `write_page`.
    """
    write_page(path, snapshot_page(found))


def write_report(stores: Stores, name: str, folder: Path) -> list[Entry]:
    """Write a page of all datasets, and one of the newest snapshot of each, stopped or not.

    Args:
        name: of the workspace.

    Raises:
        UsageError: see `write_page`.
    """
    have = stores.ledger.datasets()
    old = {age.dataset: age for age in ages(stores)}
    entries = []
    for dataset in sorted({*stores.contracts, *have}):
        found = dossier(stores, dataset) if dataset in have else None
        page = re.sub(r"[^\w.-]", "_", dataset) + ".html"
        entries.append(Entry(dataset, found, old.get(dataset), page))
        if found:
            write_page(folder / page, snapshot_page(found, INDEX))
    write_page(folder / INDEX, index_page(name, entries, stores.ledger.now()))
    return entries


def write_page(path: Path, page: str) -> None:
    """Write a page, in one step; an older page there is replaced.

    Raises:
        UsageError: there is something else, or it cannot be written.
    """
    try:
        _require_page(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, page.encode())
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", next="choose a file you may write to"
        ) from error


def _require_page(path: Path) -> None:
    if path.exists() and (path.is_dir() or not _is_page(path)):
        raise UsageError(
            f"{path} exists, and is no page of cleanhold's",
            next="choose another file: it is not overwritten",
        )


def _is_page(path: Path) -> bool:
    with path.open("rb") as file:
        return GENERATOR.encode() in file.read(_HEAD)
