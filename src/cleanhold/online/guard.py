"""The guard: one contract, compiled for single records."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import polars as pl

from cleanhold.core.check import Check, Kind
from cleanhold.core.contract import Contract
from cleanhold.core.parsing import DataType
from cleanhold.errors import ContractError
from cleanhold.online.compile import Compiled, compile_record
from cleanhold.online.duplicates import duplicates, published_keys
from cleanhold.online.left import BeyondPython, raw_records, written_records
from cleanhold.online.records import Record, Refused, are_simple, dtype_of, fields_of
from cleanhold.online.verdict import Verdict
from cleanhold.online.wording import Wording
from cleanhold.plan.execute import compile_plan
from cleanhold.plan.keys import reference_keys
from cleanhold.plan.plan import WHOLE_COLUMNS

#: Layouts of records (columns and their types) that are kept compiled.
_MOST_LAYOUTS = 256
_MOST_KINDS = 4096
_TEXT = frozenset((str, type(None)))

Judged = tuple[Sequence[Any], list[int]]  # values, and numbers of the checks that fail
Layout = tuple[tuple[str, ...], tuple[DataType, ...] | None]
Kinds = tuple[tuple[str, ...], tuple[type, ...]]  # columns, and Python types of their values


@dataclass(frozen=True, slots=True, eq=False)
class _Ready:
    compiled: Compiled
    wording: Wording


class Guard:
    """Judges records one at a time, or a few together, as the batch plan would.

    Compiled once for each layout (the raw columns and their types), then shared: any number of
    threads may call it.

    Args:
        contract: what records promise.
        tables: dataset → table, for the contract's references. Their keys are loaded now.
        published: the dataset's own rows, to compare unique columns with; None compares with
            none.

    Raises:
        ContractError: a table has no column that the contract refers to.
    """

    def __init__(
        self,
        contract: Contract,
        tables: Mapping[str, pl.LazyFrame] | None = None,
        published: pl.LazyFrame | None = None,
    ) -> None:
        self.contract = contract
        self._lock = threading.Lock()
        self._layouts: dict[Layout, _Ready] = {}
        self._kinds: dict[Kinds, _Ready] = {}  # a quicker way to them
        usual = {
            next(iter(c.wanted), c.name): pl.String() if c.parse else c.dtype
            for c in contract.columns
            if not c.regex
        }
        self._tables = tables or {}
        self._keys: Mapping[str, pl.Series] = {}
        self._published: Mapping[str, frozenset[Any]] = {}
        try:
            plan = compile_plan(contract, usual)
        except ContractError:
            if not any(c.regex for c in contract.columns):
                raise
            self.notes = tuple(self._not_compared())  # a check names what only a pattern will find
            return
        self._keys = reference_keys(plan, self._tables)
        if published is not None:
            self._published = published_keys(plan, published)
        self.notes = (*self._not_compared(), *self._ready(usual).compiled.notes)

    def check(self, record: Record) -> Verdict:
        """Judge one record, as an extract of this record alone would be judged.

        Args:
            record: raw column → text or value; or a JSON object as text or UTF-8 bytes, whose
                values become text as the NDJSON reader has it.

        Raises:
            UsageError: it is no record at all.
            ContractError: the contract does not fit the record's columns.
        """
        try:
            fields = fields_of(record)
        except Refused as reason:
            return Verdict((), {}, str(reason))
        ready = self._for(fields)
        compiled = ready.compiled
        values, failed = self._judged(compiled, fields)
        named = dict(zip(compiled.names, values, strict=True))
        return self._verdict(ready, fields, named, failed)

    def check_batch(self, rows: pl.DataFrame | Iterable[Record]) -> list[Verdict]:
        """Judge a few records together, as an extract of these records would be judged.

        Columns are those of any of them; a record that lacks one has a null there. Records that
        share a key that must be unique fail, as far as the contract says.

        Args:
            rows: a frame of raw columns, or records as `check` takes them.

        Raises:
            UsageError, ContractError: as `check`.
        """
        if isinstance(rows, pl.DataFrame):
            return self._of_frame(rows)
        records = [_fields_or_verdict(row) for row in rows]
        names: dict[str, None] = {}
        for record in records:
            if not isinstance(record, Verdict) and record.keys() != names.keys():
                names.update(dict.fromkeys(record))
        absent, columns = dict.fromkeys(names), tuple(names)
        records = [
            r if isinstance(r, Verdict) or tuple(r) == columns else {**absent, **r} for r in records
        ]
        fields = [r for r in records if not isinstance(r, Verdict)]
        found = [self._for(r) for r in fields]
        verdicts = iter(self._together(fields, found, self._all_judged(fields, found)))
        return [r if isinstance(r, Verdict) else next(verdicts) for r in records]

    def _of_frame(self, frame: pl.DataFrame) -> list[Verdict]:
        ready = self._ready(frame.schema)
        every = [ready] * frame.height
        rows = raw_records(frame)
        if rows is not None:
            return self._together(rows, every, self._all_judged(rows, every))
        answers = ready.compiled.everything.on(frame, frame.height)
        judged = [_all_of(ready.compiled, one) for one in answers]
        return self._together(written_records(frame), every, judged)

    def _together(
        self,
        rows: Sequence[Mapping[str, Any]],
        ready: Sequence[_Ready],
        judged: Sequence[Judged],
    ) -> list[Verdict]:
        """The verdicts, with the keys that records share."""
        values = [
            dict(zip(one.compiled.names, v, strict=True))
            for one, (v, _) in zip(ready, judged, strict=True)
        ]
        shared = self._shared(ready, values) if len(rows) > 1 else {}
        return [
            self._verdict(ready[n], row, values[n], judged[n][1], shared.get(n, set()))
            for n, row in enumerate(rows)
        ]

    @staticmethod
    def _shared(
        ready: Sequence[_Ready], values: Sequence[Mapping[str, Any]]
    ) -> dict[int, set[int]]:
        """Place of a row → numbers of the checks that it fails for a key that others have."""
        layouts = [one.compiled for one in dict.fromkeys(ready)]
        unique = {c.label: c for one in layouts for c in one.checks if c.kind is Kind.UNIQUE}
        found: dict[int, set[int]] = {}
        for label, check in unique.items():
            for row in duplicates(check, values):
                labels = [c.label for c in ready[row].compiled.checks]
                found.setdefault(row, set()).add(labels.index(label))
        return found

    def _all_judged(
        self, rows: Sequence[Mapping[str, Any]], ready: Sequence[_Ready]
    ) -> list[Judged]:
        """Values and failing checks of each row; what is left to Polars in one go."""
        left: list[Any] = [()] * len(rows)
        for one in dict.fromkeys(ready):
            if one.compiled.left is not None:
                places = [i for i, r in enumerate(ready) if r is one]
                found = one.compiled.left.evaluate([rows[i] for i in places])
                for place, answers in zip(places, found, strict=True):
                    left[place] = answers
        return [
            self._judged(one.compiled, row, answers)
            for one, row, answers in zip(ready, rows, left, strict=True)
        ]

    @staticmethod
    def _judged(
        compiled: Compiled, fields: Mapping[str, Any], left: Sequence[Any] | None = None
    ) -> Judged:
        if left is None:
            left = compiled.left.evaluate([fields])[0] if compiled.left is not None else ()
        if not any(type(answer) is BeyondPython for answer in left):
            try:
                return compiled.judge(fields, left)
            except (ValueError, OverflowError):  # a value that Python has no object for
                pass
        return _all_of(compiled, compiled.everything.evaluate([fields])[0], left)

    @staticmethod
    def _verdict(
        ready: _Ready,
        fields: Mapping[str, Any],
        values: dict[str, Any],
        failed: Sequence[int],
        shared: Set[int] = frozenset(),
    ) -> Verdict:
        """The verdict in words; `shared` are checks that fail for a key of this very batch."""
        if not failed and not shared:
            return Verdict((), values)
        blockers, say = ready.compiled.blockers, ready.wording.finding
        told = [n for n in sorted({*failed, *shared}) if blockers[n].isdisjoint(failed)]
        return Verdict(tuple(say(n, fields, values, n in shared) for n in told), values)

    def _for(self, fields: Mapping[str, Any]) -> _Ready:
        """The compiled contract for a record's columns and types."""
        names, kinds = tuple(fields), tuple(map(type, fields.values()))
        if _TEXT.issuperset(kinds):
            return self._layouts.get((names, None)) or self._ready(
                dict.fromkeys(names, pl.String())
            )
        kind = (names, kinds)
        quick = are_simple(kinds, fields.values())
        ready = self._kinds.get(kind) if quick else None
        if ready is None:
            ready = self._ready({name: self._dtype(name, v) for name, v in fields.items()})
            if quick:
                self._remember(kind, ready)
        return ready

    def _remember(self, kind: Kinds, ready: _Ready) -> None:
        with self._lock:
            if len(self._kinds) >= _MOST_KINDS:
                self._kinds.clear()
            self._kinds[kind] = ready

    def _dtype(self, name: str, value: Any) -> DataType:
        dtype = dtype_of(value)
        if dtype is not None:
            return dtype
        column = next((c for c in self.contract.columns if name in (c.name, *c.source)), None)
        return column.dtype if column else pl.String()

    def _ready(self, columns: Mapping[str, DataType]) -> _Ready:
        dtypes = tuple(columns.values())
        text = all(dtype == pl.String for dtype in dtypes)
        layout = (tuple(columns), None if text else dtypes)
        found = self._layouts.get(layout)
        if found is not None:
            return found
        with self._lock:
            found = self._layouts.get(layout)
            if found is None:
                plan = compile_plan(self.contract, columns)
                keys = self._keys
                if any(self._is_at_hand(c) and c.label not in keys for c in plan.checks):
                    keys = reference_keys(plan, self._tables)  # a pattern's real columns
                compiled = compile_record(plan, keys, self._published)
                found = _Ready(compiled, Wording(plan))
                if len(self._layouts) >= _MOST_LAYOUTS:
                    self._layouts.pop(next(iter(self._layouts)))
                self._layouts[layout] = found
        return found

    def _not_compared(self) -> list[str]:
        """What a single record cannot be asked."""
        return [note for check in self.contract.checks for note in self._gap(check)]

    def _is_at_hand(self, check: Check) -> bool:
        return check.reference is not None and check.reference.dataset in self._tables

    def _gap(self, check: Check) -> list[str]:
        if check.kind is Kind.REFERENCE and not self._is_at_hand(check):
            return [f"not checked: {check.label}, for {check.reference} is not at hand"]
        if check.kind is Kind.UNIQUE and check.label not in self._published:
            return [f"{check.label} is compared within a batch, not with published rows"]
        if check.kind is Kind.CHANGE:
            return [f"not checked: {check.label}, which compares with what was published before"]
        if check.kind in WHOLE_COLUMNS:
            return [f"not checked: {check.label}, which needs the rows of a whole extract"]
        if check.kind is Kind.DATASET:
            return [f"not checked: {check.label}, which is about all rows together"]
        return []


def _all_of(compiled: Compiled, answers: Sequence[Any], left: Sequence[Any] = ()) -> Judged:
    """Values and failing checks, from what `everything` gives for a record.

    What `left` says goes first: it may have looked at the whole batch.
    """
    width, labels = len(compiled.everything.columns), compiled.everything.checks
    fails = dict(zip(labels, answers[width:], strict=True))
    if left and compiled.left is not None:
        fails |= zip(compiled.left.checks, left[len(compiled.left.columns) :], strict=True)
    values = dict(zip(compiled.names, answers[:width], strict=True))
    failed = {n for n, c in enumerate(compiled.checks) if fails.get(c.label)}
    for number, (reads, known) in compiled.taken.items():
        key = tuple(values[name] for name in reads)
        if None not in key and (key if len(key) > 1 else key[0]) in known:
            failed.add(number)
    return answers[:width], sorted(failed)


def _fields_or_verdict(row: Record) -> Mapping[str, Any] | Verdict:
    try:
        return fields_of(row)
    except Refused as reason:
        return Verdict((), {}, str(reason))
