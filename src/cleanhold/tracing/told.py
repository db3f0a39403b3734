"""What is told of a run beside its counts: its audits, what was let through, its code, its readers.

Like `trace` it holds no value of a row, but for the smallest and largest number of columns that are
not personal, and the names of segments, as the audits have them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cleanhold.core.account import Account


@dataclass(frozen=True, slots=True)
class Staged:
    """That the rows of a run were divided: what it would come to, before audits and commit.

    Attributes:
        at: when (aware).
        account: the counts until then; rows that newer ones supersede are still among the clean.
    """

    at: datetime
    account: Account


@dataclass(frozen=True, slots=True)
class TracedAudit:
    """What one audit of the table said.

    Attributes:
        verdict: `pass`, `warn` or `stop`.
        overruled: a person decided that it does not count.
    """

    name: str
    verdict: str
    what: str
    measured: str = ""
    expected: str = ""
    overruled: bool = False


@dataclass(frozen=True, slots=True)
class TracedMeasure:
    """What the files say of a column.

    Attributes:
        nulls: rows without a value.
        lowest: the smallest number; None for what is no number, or is personal. `highest`: the
            largest.
    """

    nulls: int
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True, slots=True)
class TracedCode:
    """Where the code is that made a table, or judged it: a file of a git repository.

    Attributes:
        commit: hex id of the commit that was checked out.
        path: of the file in the repository.
        repository: URL of its origin, without user and password; empty if it has none.
        changed: the file is not what the commit has.
    """

    commit: str
    path: str
    repository: str = ""
    changed: bool = False


@dataclass(frozen=True, slots=True)
class TracedConsumer:
    """A consumer that a pact names.

    Attributes:
        reasons: why the table is not what it needs; none if it is.
    """

    name: str
    owner: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TracedQuery:
    """What a source asks its database; `dialect`: in which language of SQL."""

    text: str
    dialect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """All of it, of one run.

    Attributes:
        audits: in their order.
        segments: what the audit of loss bias found, the worst first; a row per segment.
        waived: rows let through that fail a check: `checks`, `until`, `decision`, `rows` of each.
        measures: column → what is known of its values.
        personal: column → how personal it is.
        channel: which readers get the table.
        path: under which readers find the files of the table, from the workspace on.
        consumers: who needs it.
    """

    audits: tuple[TracedAudit, ...] = ()
    segments: Sequence[Mapping[str, Any]] = ()
    waived: Sequence[Mapping[str, Any]] = ()
    measures: Mapping[str, TracedMeasure] = field(default_factory=dict)
    personal: Mapping[str, str] = field(default_factory=dict)
    channel: str = ""
    path: str = ""
    consumers: tuple[TracedConsumer, ...] = ()
    code: TracedCode | None = None
    query: TracedQuery | None = None
