"""Flow runs: one execution of everything that is due, the parent of the runs in it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cleanhold.errors import UsageError


@dataclass(frozen=True, slots=True)
class Parent:
    """A run that started another, as lineage names it.

    Attributes:
        run_id: a UUID.
        namespace: of the parent's job.
        name: of the parent's job.

    Raises:
        UsageError: the id is no UUID.
    """

    run_id: str
    namespace: str
    name: str

    def __post_init__(self) -> None:
        try:
            uuid.UUID(self.run_id)
        except ValueError:
            raise UsageError(
                f"the parent run's id {self.run_id!r} is not a UUID",
                where=f"lineage trace, parent {self.namespace}/{self.name}",
                next="give the id of the flow run, or no parent",
            ) from None

    @classmethod
    def from_text(cls, text: str) -> Parent:
        """From `<namespace>/<job>/<run id>`, as schedulers hand it to what they start.

        Raises:
            UsageError: it is not of that form.
        """
        namespace, name, run_id = ["", "", *text.strip().rsplit("/", 2)][-3:]
        return cls(run_id, namespace, name)


@dataclass(frozen=True, slots=True)
class FlowRun:
    """One execution of `cleanhold run`, or of a flow.

    Attributes:
        id: a UUID; of a flow of Prefect made from its id there and its attempt.
        job: what runs, by a name that stays the same: `flow.nightly`.
        started_at: UTC.
        parent: what started it, if that told who it is.
    """

    id: str
    job: str
    started_at: datetime
    parent: Parent | None = None

    def as_dict(self) -> dict[str, Any]:
        told = {"id": self.id, "job": self.job, "started_at": self.started_at.isoformat()}
        if self.parent is None:
            return told
        return {**told, "parent": [self.parent.run_id, self.parent.namespace, self.parent.name]}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> FlowRun:
        parent = Parent(*value["parent"]) if "parent" in value else None
        started_at = datetime.fromisoformat(value["started_at"])
        return cls(value["id"], value["job"], started_at, parent)
