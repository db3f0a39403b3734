"""Training sets: what they were made of, so that they can be made again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.readership import Stay
from cleanhold.core.run import canonical_json
from cleanhold.errors import UsageError

#: Of the manifest's JSON.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Seen:
    """A snapshot that entities saw, for which times, and its manifest's SHA-256."""

    stay: Stay
    dataset: str
    manifest: str

    def as_dict(self) -> dict[str, Any]:
        stay = self.stay
        return {
            "number": stay.number,
            "manifest": self.manifest,
            "since": _text(stay.since),
            "until": _text(stay.until),
            "told_since": _text(stay.told_since),
            "told_until": _text(stay.told_until),
        }

    @classmethod
    def from_dict(cls, dataset: str, value: Mapping[str, Any]) -> Seen:
        since, told = _time(value["since"]), _time(value["told_since"])
        stay = Stay(value["number"], since, _end(value["until"]), told, _end(value["told_until"]))
        return cls(stay, dataset, value["manifest"])


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """What a training set has of one feature table.

    Attributes:
        key: columns that name an entity, in the table and in the entities.
        event_time: its column that says when a row is about; None if it has none.
        keeps_history: it has a row per entity and event time, not only the newest.
        columns: column of the table → its name in the set.
        seen: the snapshots that entities saw rows of, and if a column is in none of them, the
            one that has it.
        found: entities that see a row.
    """

    dataset: str
    key: tuple[str, ...]
    event_time: str | None
    keeps_history: bool
    columns: Mapping[str, str]
    seen: tuple[Seen, ...] = ()
    found: int = 0

    def as_dict(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset,
            "key": list(self.key),
            "event_time": self.event_time,
            "keeps_history": self.keeps_history,
            "columns": [list(pair) for pair in self.columns.items()],
            "snapshots": [s.as_dict() for s in self.seen],
            "found": self.found,
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> FeatureTable:
        return cls(
            dataset=value["dataset"],
            key=tuple(value["key"]),
            event_time=value["event_time"],
            keeps_history=value["keeps_history"],
            columns=dict(value["columns"]),
            seen=tuple(Seen.from_dict(value["dataset"], s) for s in value["snapshots"]),
            found=value["found"],
        )


@dataclass(frozen=True, slots=True)
class TrainingManifest:
    """Everything a training set is made of; with its entities it makes the set again.

    Attributes:
        made_by: the version that made it.
        as_of: column of the entities: what happened later is not seen.
        known_at: column of the entities, or one time for all: what was published later is not seen.
        entities: SHA-256 of the entities (`core.frame_hash`), `rows`: how many.
        schema: column of the set → dtype as text.
        result: SHA-256 of the set.
    """

    made_by: str
    as_of: str
    known_at: str | datetime
    tables: tuple[FeatureTable, ...]
    entities: str
    rows: int
    schema: Mapping[str, str]
    result: str

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of the JSON, which names the set."""
        return hashlib.sha256(self.as_json()).hexdigest()

    def as_json(self) -> bytes:
        """Canonical JSON: equal manifests are equal bytes."""
        return canonical_json(self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        known = self.known_at
        return {
            "format": FORMAT,
            "made_by": self.made_by,
            "as_of": {"column": self.as_of},
            "known_at": {"column": known} if isinstance(known, str) else {"time": _text(known)},
            "features": [table.as_dict() for table in self.tables],
            "entities": {"rows": self.rows, "sha256": self.entities},
            "result": {
                "columns": [list(pair) for pair in self.schema.items()],
                "sha256": self.result,
            },
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> TrainingManifest:
        known = value["known_at"]
        return cls(
            made_by=value["made_by"],
            as_of=value["as_of"]["column"],
            known_at=known["column"] if "column" in known else _time(known["time"]),
            tables=tuple(FeatureTable.from_dict(table) for table in value["features"]),
            entities=value["entities"]["sha256"],
            rows=value["entities"]["rows"],
            schema=dict(value["result"]["columns"]),
            result=value["result"]["sha256"],
        )

    def save(self, path: Path | str) -> None:
        """Write the JSON to a file."""
        Path(path).write_bytes(self.as_json())

    @classmethod
    def load(cls, path: Path | str) -> TrainingManifest:
        """Read what `save` wrote.

        Raises:
            UsageError: the file is not there, or is no manifest of a training set.
        """
        try:
            value = json.loads(Path(path).read_bytes())
            if value["format"] != FORMAT:
                raise ValueError(f"its format is {value['format']}")
            return cls.from_dict(value)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(
                "this is no manifest of a training set that this version can read",
                where=f"{path}: {error}",
                next="name the file that `manifest.save(path)` wrote",
            ) from None


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Entities with their features as of a time, as they were known then.

    Attributes:
        frame: a row for each entity, in their order: its columns, then those of the features. It
            is in memory.
        manifest: makes it again, see `cleanhold.rebuild`.
    """

    frame: pl.LazyFrame
    manifest: TrainingManifest


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="microseconds")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _end(text: str | None) -> datetime | None:
    return None if text is None else _time(text)
