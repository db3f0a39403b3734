"""sniff: what a file seems to be, and a first contract and source from that."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cleanhold.core.contract import DATASET_NAME
from cleanhold.errors import UsageError
from cleanhold.sniffing.draft import contract_draft, file_name, source_draft
from cleanhold.sniffing.file import sniff
from cleanhold.sniffing.sniffed import Sniffed

__all__ = ["Drafts", "Sniffed", "draft", "sniff"]


@dataclass(frozen=True, slots=True)
class Drafts:
    """Files that were written: a contract, and a source."""

    contract: Path
    source: Path


def draft(sniffed: Sniffed, dataset: str, out: Path) -> Drafts:
    """Write `contracts/<dataset>.py` and `flows/<dataset>.py` under a folder.

    Raises:
        UsageError: the name is no dataset's, a file is there already, or there is no table to
            write a contract for.
    """
    if not DATASET_NAME.fullmatch(dataset):
        raise UsageError(
            f"{dataset!r} is not a dataset name",
            next="write lower-case words joined with dots: --name crm.contacts",
        )
    if sniffed.format is None or not any(column.reading for column in sniffed.columns):
        raise UsageError(
            f"no draft can be written for {sniffed.name}",
            next="; ".join(sniffed.advice) or "no field can hold what its columns are",
        )
    name = file_name(dataset)
    written = Drafts(out / "contracts" / name, out / "flows" / name)
    texts = {
        written.contract: contract_draft(sniffed, dataset),
        written.source: source_draft(sniffed, dataset),
    }
    for path in texts:
        if path.exists():
            raise UsageError(
                f"there is a file {path} already",
                next="a draft replaces nothing: give --out another folder, or another --name",
            )
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{out} cannot take the drafts: {error.strerror}", next="give --out another folder"
        ) from error
    return written
