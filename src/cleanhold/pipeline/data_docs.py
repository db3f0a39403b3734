"""data_docs: pages of Great Expectations about the newest snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cleanhold.audits.answers import Answer
from cleanhold.audits.expectations import quietly
from cleanhold.core.snapshot import Channel
from cleanhold.errors import UsageError
from cleanhold.pipeline.known import contract_of
from cleanhold.pipeline.stores import Stores

#: A file that every folder of Data Docs has.
_SIGN = Path("static", "styles", "data_docs_default_styles.css")


@dataclass(frozen=True, slots=True)
class DataDocs:
    """What was written.

    Attributes:
        index: the page to open.
        snapshots: dataset → number of the snapshot that it tells of.
        left: expectations that could not be asked, and are on no page.
    """

    index: Path
    snapshots: dict[str, int]
    left: Sequence[Answer]


def data_docs(stores: Stores, folder: Path, dataset: str | None = None) -> DataDocs:
    """Ask what contracts and teams expect of the newest snapshots, and write Data Docs of it.

    Of each dataset the newest snapshot is taken, stopped or not; none whose rows have expired.

    Args:
        dataset: only this one.

    Raises:
        UnknownDataset: there is no contract of that name.
        UsageError: Great Expectations is not installed, no dataset has a snapshot, or the folder
            has something else.
    """
    if dataset is not None:
        contract_of(stores, dataset)
    _require_room(folder)
    with quietly():
        try:
            from cleanhold.audits.data_docs import Documented, build_data_docs
        except ModuleNotFoundError as error:
            if str(error.name).startswith("cleanhold"):
                raise
            raise UsageError(
                f"Data Docs need {error.name}, which is not installed",
                next="pip install 'cleanhold[audits]'",
            ) from error
        names = [dataset] if dataset else sorted(stores.contracts)
        newest = (stores.ledger.snapshot(name, None, Channel.CANDIDATE) for name in names)
        tables = [
            Documented(stores.contracts[s.dataset], s.number, s.created_at, stores.data_files(s))
            for s in newest
            if s is not None and s.expired is None
        ]
        if not tables:
            raise UsageError("there is no snapshot yet", next="`cleanhold run` makes one")
        left = build_data_docs(tables, folder.absolute())
    numbers = {table.contract.dataset: table.number for table in tables}
    return DataDocs(folder / "index.html", numbers, left)


def _require_room(folder: Path) -> None:
    try:
        has_others = folder.exists() and any(folder.iterdir()) and not (folder / _SIGN).is_file()
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written: {error.strerror}", next="choose a folder of your own"
        ) from error
    if has_others:
        raise UsageError(
            f"{folder} has other files than Data Docs", next="choose a new or an empty folder"
        )
