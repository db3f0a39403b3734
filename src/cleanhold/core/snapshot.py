"""Snapshots: immutable, numbered versions of a dataset, described by a hashed manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from cleanhold.core.account import Account
from cleanhold.core.extract import ROW_ID_PREFIX
from cleanhold.core.run import Input, InputKind


class Role(StrEnum):
    """What a file of a snapshot holds."""

    DATA = "data"  # the rows a reader gets
    HELD = "held"  # rows in quarantine, with findings
    WARNED = "warned"  # findings of severity `warn` on rows that are in `data`
    REFUSED = "refused"  # records that could not become rows, with their bytes
    SUPERSEDED = "superseded"  # rows that passed but were older than the published row of their key


class Channel(StrEnum):
    """Names that point at one snapshot of a dataset."""

    CANDIDATE = "candidate"
    PILOT = "pilot"  # of a dataset with gates: what runs publish; only a promotion goes further
    PRODUCTION = "production"
    BASELINE = "baseline"  # what later snapshots are compared with; a person names it


@dataclass(frozen=True, slots=True)
class DataFile:
    """One immutable file, named `<role>-<sha256>.parquet`.

    Attributes:
        rows: rows in it.
        size: bytes.
    """

    role: Role
    sha256: str
    rows: int
    size: int

    @property
    def name(self) -> str:
        return f"{self.role}-{self.sha256}.parquet"

    def as_dict(self) -> dict[str, Any]:
        return {
            "role": str(self.role),
            "sha256": self.sha256,
            "rows": self.rows,
            "size": self.size,
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> DataFile:
        return cls(Role(value["role"]), value["sha256"], value["rows"], value["size"])


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything a snapshot is. Stored as canonical JSON in a file named by its own SHA-256.

    Attributes:
        files: the files; an appended dataset lists those of earlier snapshots too.
        schema: column name → dtype as text, of the `data` files.
        account: of the run that made it.
        checks: per check, how many rows failed, warned, skipped.
        details: audits, source, notes: JSON values.
    """

    dataset: str
    run: str
    contract_version: str
    contract_fingerprint: str
    code: str
    inputs: tuple[Input, ...]
    account: Account
    files: tuple[DataFile, ...]
    schema: Mapping[str, str]
    checks: tuple[Mapping[str, Any], ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    def of(self, role: Role) -> tuple[DataFile, ...]:
        return tuple(f for f in self.files if f.role is role)

    @property
    def row_prefix(self) -> str:
        """What the row ids of its run begin with: those of the extract, or of the built table."""
        extracts = [i.sha256 for i in self.inputs if i.kind is InputKind.EXTRACT]
        return (extracts[0] if extracts else self.run)[:ROW_ID_PREFIX]

    @property
    def rows(self) -> int:
        return sum(f.rows for f in self.of(Role.DATA))

    def as_dict(self) -> dict[str, Any]:
        return {
            "format": 1,
            "dataset": self.dataset,
            "run": self.run,
            "contract_version": self.contract_version,
            "contract_fingerprint": self.contract_fingerprint,
            "code": self.code,
            "inputs": [i.as_dict() for i in self.inputs],
            "account": self.account.as_dict(),
            "files": [f.as_dict() for f in self.files],
            "schema": dict(self.schema),
            "checks": [dict(c) for c in self.checks],
            "details": dict(self.details),
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Manifest:
        return cls(
            dataset=value["dataset"],
            run=value["run"],
            contract_version=value["contract_version"],
            contract_fingerprint=value["contract_fingerprint"],
            code=value["code"],
            inputs=tuple(Input.from_dict(i) for i in value["inputs"]),
            account=Account(**value["account"]),
            files=tuple(DataFile.from_dict(f) for f in value["files"]),
            schema=dict(value["schema"]),
            checks=tuple(value["checks"]),
            details=value["details"],
        )


@dataclass(frozen=True, slots=True)
class Pin:
    """That a snapshot is to be kept whatever the settings say: who asked, why, and when."""

    who: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Expired:
    """That the rows of a snapshot were removed on purpose.

    Attributes:
        at: when.
        why: what the settings kept then, in words.
        key_file: hex SHA-256 of the file of its keys that the quarantine still needs; None if it
            needs none.
    """

    at: datetime
    why: str
    key_file: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot as the ledger lists it.

    Attributes:
        number: 1, 2, 3 … per dataset, candidates included.
        channel: how far it came: `candidate` if it was stopped, `production` if readers have or
            had it, `pilot` if it was published and waits to be promoted.
        manifest: hex SHA-256 of the manifest.
        rows: rows a reader gets.
        pin: set if it is kept whatever the settings say.
        expired: set if its rows are gone; its manifest, its account and what its run held back
            stay.
    """

    dataset: str
    number: int
    channel: Channel
    manifest: str
    run: str
    rows: int
    contract_version: str
    created_at: datetime
    account: Account
    inputs: tuple[Input, ...] = ()
    pin: Pin | None = None
    expired: Expired | None = None

    @property
    def is_published(self) -> bool:
        """Nothing stopped it: runs may build on it."""
        return self.channel is not Channel.CANDIDATE


@dataclass(frozen=True, slots=True)
class Baseline:
    """The snapshot that later ones are compared with: who named it, why, and when."""

    snapshot: Snapshot
    who: str
    why: str
    at: datetime
