"""The plan: a contract bound to an extract's columns, as expressions of one fused pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from cleanhold.core.check import Check, Kind, Severity
from cleanhold.core.contract import EXTRA, Contract, Privacy, Unknown
from cleanhold.core.extract import row_ids
from cleanhold.core.finding import RECORD_NUMBER, ROW_ID
from cleanhold.core.parsing import DataType
from cleanhold.core.reading import RECORD, Unreadable
from cleanhold.plan.binding import RAW, Binding, Bound
from cleanhold.plan.conversion import converted
from cleanhold.plan.sentences import as_text

#: Prefixes of working columns.
TEXT, FAIL = "text:", "fail:"

#: Kinds of checks that run before the pass, over whole columns.
WHOLE_COLUMNS = frozenset({Kind.GROUP, Kind.CHANGE, Kind.APART})


@dataclass(frozen=True, slots=True)
class RowExpressions:
    """What a plan computes of one row, in this order.

    Attributes:
        texts: working column → cleaned text, from raw columns.
        values: column → parsed value, from raw columns and texts.
        verdicts: label of a check → true where the row fails, from all of those; no uniqueness.
    """

    texts: Mapping[str, pl.Expr]
    values: Mapping[str, pl.Expr]
    verdicts: Mapping[str, pl.Expr]


@dataclass(frozen=True)
class Plan:
    """Expressions that turn raw rows into values and verdicts.

    A verdict is a Boolean column per check, true where the row *fails*. One bit a row and
    check; nothing else crosses from the checking pass to the findings.

    Attributes:
        contract: what it was compiled from.
        binding: its columns and checks as they apply to this extract.
        raw: the extract's raw columns and dtypes.
        unreadable: raw column → true where the reader could not read a value.
    """

    contract: Contract
    binding: Binding
    raw: Mapping[str, DataType]
    unreadable: Mapping[str, Unreadable] = field(default_factory=dict)

    @property
    def checks(self) -> tuple[Check, ...]:
        return self.binding.checks

    @cached_property
    def row_checks(self) -> tuple[Check, ...]:
        """Checks with a verdict for each row."""
        return tuple(c for c in self.checks if c.kind is not Kind.DATASET)

    @cached_property
    def bound(self) -> dict[str | None, Bound]:
        """The contract's columns by name; None, for checks of several, is in no plan."""
        return {b.column.name: b for b in self.binding.columns}

    @cached_property
    def dtypes(self) -> dict[str, DataType]:
        """The contract's columns → dtype."""
        return {b.column.name: b.column.dtype for b in self.binding.columns}

    @cached_property
    def masked(self) -> frozenset[str]:
        """The contract's columns whose values no view shows."""
        columns = [b.column for b in self.binding.columns]
        return frozenset(c.name for c in columns if c.privacy is not Privacy.NONE)

    def is_missing(self, check: Check) -> bool:
        """Whether the extract lacks a column that the check reads."""
        return any(n not in self.bound or self.bound[n].raw is None for n in check.reads)

    @property
    def needs_whole_columns(self) -> bool:
        """Whether a check runs over whole columns before the pass: only over rows that are sure."""
        return any(c.kind in WHOLE_COLUMNS for c in self.checks)

    def flag(self, check: Check) -> str:
        """Name of the check's verdict column."""
        return self._flag_names[check.label]

    @cached_property
    def _flag_names(self) -> dict[str, str]:
        return {check.label: f"{FAIL}{number}" for number, check in enumerate(self.row_checks)}

    def values(self, rows: pl.LazyFrame, only: tuple[str, ...] | None = None) -> pl.LazyFrame:
        """Add the cleaned text and the parsed value of each column to raw rows.

        Args:
            rows: raw columns under the prefix `raw:`.
            only: names of the columns to parse; all if None.
        """
        bound = [b for b in self.binding.columns if only is None or b.column.name in only]
        texts = _texts(bound)
        # In two steps: Polars would clean twice if one expression compared and took the text.
        rows = rows.with_columns([self._cleaned(b).alias(name) for name, b in texts.items()])
        rows = rows.with_columns([self._told(pl.col(name), b) for name, b in texts.items()])
        return rows.with_columns([self._value(b).alias(b.column.name) for b in bound])

    def verdicts(
        self, rows: pl.LazyFrame, failing: dict[str, pl.Series], keys: dict[str, pl.Series]
    ) -> pl.LazyFrame:
        """Add one Boolean `fail:<n>` column a check to rows that have their values.

        Args:
            rows: what `values` gives.
            failing: label of a check that a pre-pass decided → record numbers that fail it.
            keys: label of a reference check → values that exist. A reference whose keys are
                not given is not evaluated (its column is false).
        """
        return rows.with_columns(
            [self._fails(c, failing, keys).alias(self.flag(c)) for c in self.row_checks]
        )

    def row_expressions(self, keys: Mapping[str, pl.Series]) -> RowExpressions:
        """The expressions of the pass one by one, for whoever evaluates them in another way.

        Args:
            keys: as for `verdicts`.
        """
        bound = self.binding.columns
        other_rows = {Kind.UNIQUE, *WHOLE_COLUMNS}
        alone = [c for c in self.row_checks if c.kind not in other_rows]
        return RowExpressions(
            texts={name: self._told(self._cleaned(b), b) for name, b in _texts(bound).items()},
            values={b.column.name: self._value(b) for b in bound},
            verdicts={c.label: self._fails(c, {}, dict(keys)) for c in alone},
        )

    def clean_columns(self, sha256: str) -> list[pl.Expr]:
        """The columns of a clean file: row id, record number, the contract's columns."""
        return [
            row_ids(sha256, pl.col(RECORD)).alias(ROW_ID),
            pl.col(RECORD).alias(RECORD_NUMBER),
            *(pl.col(b.column.name) for b in self.binding.columns),
            *([self._extra()] if self.contract.unknown is Unknown.KEEP else []),
        ]

    def _extra(self) -> pl.Expr:
        """The raw columns that no column is read from, as one JSON object; null if none are."""
        raw = {name: self.raw[name] for name in self.binding.unknown}
        if not raw:
            return pl.lit(None, dtype=pl.String).alias(EXTRA)
        texts = [as_text(pl.col(f"{RAW}{n}"), dtype).alias(n) for n, dtype in raw.items()]
        return pl.struct(texts).struct.json_encode().alias(EXTRA)

    def flags(self, severity: Severity | None = None) -> list[str]:
        """Names of the verdict columns, of one severity or of all."""
        return [self.flag(c) for c in self.row_checks if severity in (None, c.severity)]

    def unparsed(self, check: Check) -> pl.Expr:
        """True where a column the check reads could not be parsed: the check is skipped."""
        blockers = [pl.col(self.flag(c)) for c in self.blockers(check)]
        return pl.any_horizontal(blockers) if blockers else pl.lit(False)

    def blockers(self, check: Check) -> list[Check]:
        """The checks that must pass before this one has anything to judge."""
        key = self.contract.key if check.kind is Kind.CHANGE else ()
        reads = dict.fromkeys([*check.reads, *key])
        return [c for name in reads for c in self._before.get(name, ()) if c is not check]

    @cached_property
    def _before(self) -> dict[str | None, list[Check]]:
        """Column → the checks that tell whether it has values."""
        found: dict[str | None, list[Check]] = {}
        for check in self.checks:
            if check.kind in (Kind.PARSE, Kind.PRESENT):
                found.setdefault(check.column, []).append(check)
        return found

    @staticmethod
    def _cleaned(bound: Bound) -> pl.Expr:
        text = pl.col(f"{RAW}{bound.raw}")
        return text if bound.column.parse is None else bound.column.parse.clean(text)

    def _told(self, text: pl.Expr, bound: Bound) -> pl.Expr:
        """Cleaned text; null where it is one of the null tokens."""
        nulls = self.contract.nulls if bound.column.nulls is None else bound.column.nulls
        return pl.when(_is_none_of(text, nulls)).then(text) if nulls else text

    def _value(self, bound: Bound) -> pl.Expr:
        column = bound.column
        if bound.raw is None:
            return pl.lit(column.default, dtype=column.dtype)
        if not bound.is_text:
            given = self._given(bound)
            value = converted(given, bound.raw_dtype, column.dtype)
        else:
            assert column.parse is not None  # binding sees to it
            given = pl.col(TEXT + column.name)
            value = column.parse.value(given, column.dtype)
            if told := self.unreadable.get(bound.raw):
                value = pl.when(~told(pl.col(f"{RAW}{bound.raw}"))).then(value)
        if column.default is None:
            return value
        missing = given.is_null()
        if column.dtype.is_float():
            missing |= value.is_nan().fill_null(False)
        default = pl.lit(column.default, dtype=column.dtype)
        return pl.when(missing).then(default).otherwise(value)

    def _fails(
        self, check: Check, failing: dict[str, pl.Series], keys: dict[str, pl.Series]
    ) -> pl.Expr:
        bound = self.bound.get(check.column)
        value = pl.col(check.column) if check.column else pl.lit(None)
        if check.kind is Kind.LAYOUT:
            return pl.lit(True)
        if check.kind is Kind.PRESENT:
            return pl.lit(bound is None or bound.raw is None)
        if bound is not None and bound.raw is None:
            return pl.lit(False)  # said once, by `present`
        if check.kind is Kind.PARSE:
            return self._given(bound).is_not_null() & value.is_null()
        if check.kind is Kind.UNIQUE or check.kind in WHOLE_COLUMNS:
            found = failing[check.label]
            if not len(found):
                return pl.lit(False)
            return pl.col(RECORD).is_in(found.implode()) & ~self._unparsed_without_error(check)
        if check.kind is Kind.REFERENCE:
            if check.label not in keys:
                return pl.lit(False)
            given = pl.all_horizontal([pl.col(name).is_not_null() for name in check.reads])
            return given & ~key_of(check).is_in(keys[check.label].implode())
        if check.kind is Kind.NOT_NULL:
            return self._is_missing(bound)
        assert check.passes is not None
        return ~check.passes & ~self._unparsed_without_error(check)

    def _given(self, bound: Bound | None) -> pl.Expr:
        """What was delivered, null where that is no value."""
        assert bound is not None
        if bound.is_text:
            return pl.col(TEXT + bound.column.name)
        given = pl.col(f"{RAW}{bound.raw}")
        if bound.raw_dtype is not None and bound.raw_dtype.is_float():
            return given if bound.column.dtype.is_float() else given.fill_nan(None)
        return given

    def _is_missing(self, bound: Bound | None) -> pl.Expr:
        """Null, and not because it could not be parsed. NaN counts as null."""
        assert bound is not None
        value, given = pl.col(bound.column.name), self._given(bound)
        missing = value.is_null() if bound.column.default is not None else given.is_null()
        return (
            missing | value.is_nan().fill_null(False) if bound.column.dtype.is_float() else missing
        )

    def _unparsed_without_error(self, check: Check) -> pl.Expr:
        """Skipping matters in the pass itself only where an unparsed value does not hold a row."""
        parses = [
            self._fails(c, {}, {}) for c in self.blockers(check) if c.severity is Severity.WARN
        ]
        return pl.any_horizontal(parses) if parses else pl.lit(False)


def _texts(bound: Sequence[Bound]) -> dict[str, Bound]:
    """Working column → the column whose cleaned text it has, of those that arrive as text."""
    return {TEXT + b.column.name: b for b in bound if b.raw and b.is_text}


def key_of(check: Check) -> pl.Expr:
    """What a reference check looks up: a value, or a struct of several, named as in the table."""
    assert check.reference is not None
    if len(check.reads) == 1:
        return pl.col(check.reads[0])
    pairs = zip(check.reads, check.reference.columns, strict=True)
    return pl.struct([pl.col(name).alias(key) for name, key in pairs])


def _is_none_of(text: pl.Expr, nulls: tuple[str, ...]) -> pl.Expr:
    return text != nulls[0] if len(nulls) == 1 else ~text.is_in(nulls)
