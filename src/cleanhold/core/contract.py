"""A contract in cleanhold's own words, whatever it was written with."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from cleanhold.core.check import Check, Reference, Severity
from cleanhold.core.expected import Expected
from cleanhold.core.parsing import DataType, ParseRule
from cleanhold.core.promise import AS_USUAL, Alarm, Events, Volume
from cleanhold.core.remedy import Remedy
from cleanhold.core.run import canonical_json

DATASET_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


class LoadMode(StrEnum):
    """How an extract becomes a snapshot."""

    REPLACE = "replace"  # each extract is the whole table
    APPEND = "append"  # each extract adds rows
    UPSERT = "upsert"  # each extract adds rows and replaces those with the same key


class Privacy(StrEnum):
    """How personal a column is; anything but `none` is masked in every view."""

    NONE = "none"
    INDIRECT = "indirect"  # identifies together with other data: postcode, birth date
    DIRECT = "direct"  # identifies a person: name, e-mail, phone
    SENSITIVE = "sensitive"  # health, belief, account numbers


#: What stands in every view for a personal value.
MASK = "•••"


class Unknown(StrEnum):
    """What becomes of columns of an extract that the contract does not know."""

    REFUSE = "refuse"  # every row is held, and nothing of the extract reaches readers
    KEEP = "keep"  # they are in the clean table, as JSON in one column, `EXTRA`
    IGNORE = "ignore"  # they are not in the clean table; a note lists them


class Missing(StrEnum):
    """What becomes of columns of the contract that the extract lacks."""

    REFUSE = "refuse"  # every row is held, and nothing of the extract reaches readers
    NULL = "null"  # null, or the default, where the column allows it, and the owner is told


#: The clean table's column of text that keeps unknown columns: a JSON object a row, the raw
#: column's name → the text as delivered.
EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a dataset.

    Attributes:
        name: its name in the clean table.
        dtype: Polars dtype of its values.
        source: header names it may arrive under, first choice first.
        source_matches: regular expression of the whole header, if none of the names is there.
        parse: how text becomes a value; None takes the default for the dtype.
        nulls: texts that mean "no value"; None takes the contract's.
        regex: `name` is a pattern, and each raw column it matches becomes a column.
        required: the extract must have it; if not, every row is held.
        default: value for nulls and for a missing optional column.
        fills: it is not required because the contract says `missing="null"`; that it is missing
            is told.
        automatic: remedies that may correct held rows without anybody.
        drift: what the contract's says otherwise, or how far its values may move from those of the
            baseline, as its first measure has it; None where the contract's holds.
    """

    name: str
    dtype: DataType
    source: tuple[str, ...] = ()
    source_matches: str | None = None
    parse: ParseRule | None = None
    nulls: tuple[str, ...] | None = None
    nullable: bool = False
    required: bool = True
    fills: bool = False
    regex: bool = False
    default: object = None
    privacy: Privacy = Privacy.NONE
    references: Reference | None = None
    severity: Severity = Severity.ERROR
    description: str = ""
    automatic: tuple[Remedy, ...] = ()
    drift: Alarm | float | None = None

    @property
    def wanted(self) -> tuple[str, ...]:
        """Header names to look for: its own where nothing says where it comes from."""
        return self.source or (() if self.source_matches else (self.name,))


@dataclass(frozen=True, slots=True)
class Contract:
    """What a dataset promises.

    Attributes:
        dataset: dotted lower-case name.
        version: of the contract, as its owner counts.
        key: columns that name a row; unique and not null.
        tolerance: share of records that may be held or refused (0.0 to 1.0) before the run
            stops at candidate; None for no limit.
        segments: columns that say which part of the population a row stands for.
        loss_bias: how much more of one segment than of the others may be held, as a difference of
            shares (0.0 to 1.0), before the run stops at candidate.
        freshness: how old the newest snapshot may be; None for no promise.
        nulls: texts that mean "no value" in any column.
        own_nulls: it says so itself; else those of its surroundings hold, see `within`.
        unknown: what becomes of columns of an extract that the contract lacks.
        where: file and line it was written at.
        automatic_limit: share (0.0 to 1.0) or number of an extract's records that may be corrected
            without anybody; None for no limit.
        approval_above: held rows that one person may decide on within 24 hours; None for no limit.
        longest_waiver: for how long a decision may let rows through at most; None for no limit.
        never_waived: checks (`column.check`, or a check's name) that no decision lets fail.
        volume: how many records an extract has.
        events: the column that says when what a row tells of happened; None if none does.
        drift: what becomes of a candidate that has drifted from its baseline; None warns.
        expectations: what the team expects of the dataset as a whole, beside the contract.
    """

    dataset: str
    columns: tuple[Column, ...]
    checks: tuple[Check, ...]
    version: str = "0"
    owner: str = ""
    description: str = ""
    key: tuple[str, ...] = ()
    load: LoadMode = LoadMode.REPLACE
    tolerance: float | None = None
    freshness: timedelta | None = None
    segments: tuple[str, ...] = ()
    loss_bias: float = 0.02
    nulls: tuple[str, ...] = ("",)
    unknown: Unknown = Unknown.IGNORE
    ordered: bool = False
    where: str = ""
    notes: tuple[str, ...] = field(default=())
    own_nulls: bool = True
    automatic_limit: float | int | None = None
    approval_above: int | None = None
    longest_waiver: timedelta | None = None
    never_waived: tuple[str, ...] = ()
    volume: Volume = AS_USUAL
    events: Events | None = None
    drift: Alarm | None = None
    expectations: tuple[Expected, ...] = ()

    @property
    def stops_on_drift(self) -> bool:
        """Whether a candidate may be stopped because it has drifted."""
        return Alarm.STOP in (self.drift, *(c.drift for c in self.columns))

    def column(self, name: str) -> Column | None:
        return next((c for c in self.columns if c.name == name), None)

    @property
    def references(self) -> tuple[Reference, ...]:
        return tuple(c.reference for c in self.checks if c.reference)

    @property
    def referenced(self) -> set[str]:
        """The other datasets that its checks refer to."""
        return {r.dataset for r in self.references} - {self.dataset}

    @property
    def personal(self) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if c.privacy is not Privacy.NONE)

    def within(self, nulls: tuple[str, ...] | None) -> Contract:
        """The contract where a workspace, or a source of it, says which texts mean "no value".

        What the contract says itself goes before; None says nothing.
        """
        return self if self.own_nulls or nulls is None else replace(self, nulls=nulls)

    def fingerprint(self) -> str:
        """Hex SHA-256 of everything that can change a verdict or a value."""
        columns = [
            [c.name, str(c.dtype), c.source, c.source_matches, repr(c.parse), c.nulls, c.nullable,
             c.required, c.fills, c.regex, repr(c.default)]
            for c in self.columns
        ]  # fmt: skip
        checks = [[c.label, c.kind, c.severity, c.keep, str(c.reference), *c.computes]
                  for c in self.checks]  # fmt: skip
        audits: list[object] = [[self.segments, self.loss_bias]] if self.segments else []
        audits += self._promised()
        limits = [[c.name, c.drift] for c in self.columns if c.drift is not None]
        audits += [["drift", self.drift, limits]] if self.drift or limits else []
        own = [expected.code for expected in self.expectations]
        audits += [["expectations", *own]] if own else []
        return hashlib.sha256(
            canonical_json(
                [self.dataset, self.version, self.key, self.load, self.tolerance, self.nulls,
                 self.unknown, self.ordered, columns, checks, *audits]
            )
        ).hexdigest()  # fmt: skip

    def _promised(self) -> list[list[object]]:
        """What may stop an extract for how much it is, or how old."""
        limits = (self.volume.least, self.volume.most)
        found: list[list[object]] = []
        if self.volume.unusual is Alarm.STOP or any(n is not None for n in limits):
            found.append(["volume", self.volume.unusual, *limits])
        if self.events and self.events.stale is Alarm.STOP:
            freshness = self.freshness.total_seconds() if self.freshness else None
            found.append(["events", self.events.column, freshness])
        return found
