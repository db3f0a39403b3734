"""Checks: named predicates; true means good."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from cleanhold.core.parsing import DataType


class Severity(StrEnum):
    """`error` holds the row; `warn` lets it pass and keeps the finding."""

    ERROR = "error"
    WARN = "warn"


class Kind(StrEnum):
    """How a check is evaluated."""

    PRESENT = "present"  # the column is in the extract
    PARSE = "parse"  # the text became a value
    NOT_NULL = "not_null"
    ROW = "row"  # an expression over the row's own values
    UNIQUE = "unique"  # needs the key columns of the whole extract
    REFERENCE = "reference"  # needs the keys of another dataset
    LAYOUT = "layout"  # about the extract's columns as a whole
    GROUP = "group"  # needs some columns of the whole extract
    CHANGE = "change"  # needs the rows that the dataset itself has published
    DATASET = "dataset"  # one answer about all rows together; no row is to blame
    APART = "apart"  # a function of the whole frame: run before the pass, over whole columns


@dataclass(frozen=True, slots=True)
class Reference:
    """`columns` of `dataset` must hold the values, together in one row."""

    dataset: str
    columns: tuple[str, ...]

    def __str__(self) -> str:
        several = ", ".join(self.columns)
        return f"{self.dataset}.{several if len(self.columns) == 1 else f'({several})'}"


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """One predicate of a contract.

    Attributes:
        name: with `column`, unique in its contract.
        says: a sentence for people when it fails; `{value}` and `{column_name}` are filled in.
        column: the column it is reported on; None when it is about several.
        reads: columns it depends on; if one of them could not be parsed, it is skipped.
        passes: for `ROW`, true = good, never null once nulls are resolved; for `DATASET`, one
            Boolean for all rows.
        fails: for `GROUP` and `CHANGE`; see `core.rule.GroupRule` and `ChangeRule`.
        weighs: for `GROUP`; see `core.rule.GroupRule`. So is `beyond`.
        meaning: what `fails` computes, as text that is the same in every process.
        passes_on: for a check of a pattern column, `passes` for one real column.
        found: for a check of a column: its name → what is wrong with values that fail, as text.
        shows: for a check of a column: its name → how values that fail are shown; as they were
            delivered, if it is None.
        runs: for `APART`, the function: a frame of values, and the column's name or None → one
            Boolean a row in the frame's order, nulls resolved, or one Boolean for all rows.
        is_whole: for `APART`, whether it gives one Boolean for all rows.
        because: for `APART`, why it is no expression.
        code: what the Python functions of the check are, as text; they are no part of `passes`
            that could be compared.
        over: for a check that selects columns (`pl.all()`): the check over the columns of an
            extract, in its order; from these and the check's own column.
        keep: for `UNIQUE`, which of the rows sharing a key is good: none, first or last.
        reference: for `REFERENCE`; its columns are those of `reads`, in that order.
        options: of one of pandera's own checks, what it was given by name: `min_value`, …; part
            of what `passes` computes, for whoever compares two versions of it.
    """

    name: str
    kind: Kind
    says: str
    severity: Severity = Severity.ERROR
    column: str | None = None
    reads: tuple[str, ...] = ()
    passes: pl.Expr | None = None
    passes_on: Callable[[str], pl.Expr] | None = None
    found: Callable[[str], pl.Expr] | None = None
    shows: Callable[[str], pl.Expr] | None = None
    runs: Callable[[pl.LazyFrame, str | None], pl.Series | bool] | None = None
    is_whole: bool = False
    because: str = ""
    code: str = ""
    over: Callable[[Mapping[str, DataType], str | None], Check] | None = None
    fails: Callable[[pl.LazyFrame], pl.LazyFrame] | None = None
    weighs: bool = False
    beyond: Callable[[pl.LazyFrame], list[str]] | None = None
    meaning: str = ""
    keep: str = "none"
    reference: Reference | None = None
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def computes(self) -> list[str]:
        """What it computes, as text that is the same in every process."""
        if self.code:
            return [*self.reads, hashlib.sha256(self.code.encode()).hexdigest()]
        if self.passes is None:
            return [*self.reads, self.meaning] if self.meaning else list(self.reads)
        return [hashlib.sha256(self.passes.meta.serialize()).hexdigest()]

    @property
    def label(self) -> str:
        return f"{self.column}.{self.name}" if self.column else self.name
