"""Runs: one execution each, named by what goes in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from cleanhold.core.account import Account


class RunState(StrEnum):
    """Where a run stands. `PUBLISHED` and `CANDIDATE` are final for their run key."""

    STAGING = "staging"
    PUBLISHED = "published"
    CANDIDATE = "candidate"
    FAILED = "failed"


class InputKind(StrEnum):
    """What kind of thing a run read."""

    EXTRACT = "extract"
    SNAPSHOT = "snapshot"
    REPLAY = "replay"  # held rows, some of them corrected


@dataclass(frozen=True, slots=True)
class Input:
    """One thing a run read.

    Attributes:
        kind: an extract, or a snapshot of another dataset.
        name: the extract's file name, or the dataset.
        sha256: of the extract's bytes, or of the snapshot's manifest.
        number: the snapshot's number; None for an extract.
    """

    kind: InputKind
    name: str
    sha256: str
    number: int | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": str(self.kind),
            "name": self.name,
            "sha256": self.sha256,
            "number": self.number,
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Input:
        return cls(InputKind(value["kind"]), value["name"], value["sha256"], value["number"])


def canonical_json(value: Any) -> bytes:
    """One byte string per JSON value: sorted keys, no spaces, ASCII. What we hash."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def run_key(
    dataset: str,
    inputs: tuple[Input, ...],
    *,
    contract: str,
    code: str,
    options: Mapping[str, Any] | None = None,
    corrections: str = "",
) -> str:
    """Hex SHA-256 of everything a run's result depends on. The same key means the same result.

    Args:
        dataset: the dataset it publishes.
        inputs: what it reads, in order; names do not count, content does.
        contract: fingerprint of the contract.
        code: version of the code that decides (cleanhold's, or a feature function's).
        options: the reader's options and anything else that changes the outcome.
        corrections: hash of the stewards' corrections that apply.
    """
    return hashlib.sha256(
        canonical_json(
            {
                "dataset": dataset,
                "inputs": [[str(i.kind), i.sha256] for i in inputs],
                "contract": contract,
                "code": code,
                "options": dict(options or {}),
                "corrections": corrections,
            }
        )
    ).hexdigest()


@dataclass(frozen=True, slots=True)
class Run:
    """A run as the ledger knows it.

    Attributes:
        id: the run key, hex SHA-256.
        attempt: how often it was claimed; also the fencing token.
        snapshot: number of the snapshot it made, candidate or published.
        reasons: why it stopped at candidate or failed, in words; empty when published.
        details: JSON values; `core.cost.COST` of them is what it used.
    """

    id: str
    dataset: str
    state: RunState
    attempt: int
    started_at: datetime
    finished_at: datetime | None = None
    account: Account | None = None
    snapshot: int | None = None
    contract_version: str = ""
    inputs: tuple[Input, ...] = ()
    reasons: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
