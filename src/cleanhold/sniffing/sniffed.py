"""What was found out about a file, with the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from cleanhold.sniffing.columns import SniffedColumn

#: How sure a finding is: nothing speaks against it; much speaks for it; ask the sender.
SURE, LIKELY, GUESS = "sure", "likely", "a guess"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was found out: how sure it is, and why."""

    what: str
    found: str
    confidence: str
    because: str


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What a file seems to be.

    Attributes:
        name: of the file.
        size: bytes on disk.
        looked_at: bytes of the sample, decompressed.
        whole: whether the sample is all of it.
        format: the reader to use; None if none can be proposed.
        options: of that reader.
        facts: what was found out, with the evidence.
        columns: of the rows of the sample.
        rows: how many there were.
        refused: records of the sample that became no rows, by code.
        advice: what to do next where there is no draft to be written.
        notes: what the reader says of the file.
    """

    name: str
    size: int
    looked_at: int
    whole: bool
    format: str | None
    options: Mapping[str, Any]
    facts: tuple[Fact, ...]
    columns: tuple[SniffedColumn, ...]
    rows: int
    refused: Mapping[str, int]
    advice: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def key(self) -> SniffedColumn | None:
        """The column that seems to name a row."""
        return next((column for column in self.columns if column.is_key), None)

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        told = {f.name: getattr(self, f.name) for f in fields(self)}
        facts = [asdict(fact) for fact in self.facts]
        columns = [column.as_dict() for column in self.columns]
        key = self.key.header if self.key else None
        return {**told, "facts": facts, "columns": columns, "key": key}
