"""Rules: checks that do not know their contract yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, TypeVar

import polars as pl

from cleanhold.core.parsing import DataType
from cleanhold.errors import ContractError

AnyRule = TypeVar("AnyRule", bound="Rule")

#: In a sentence: what a rule about values, groups of rows or changes found instead.
FOUND = "found"

#: Among the columns a rule about changes gets: whether the row's key was published.
WAS_PUBLISHED = "__was_published"


class Takes(StrEnum):
    """What a rule can judge, in words."""

    ANYTHING = "values of any type"
    TEXT = "text"
    NUMBER = "numbers"
    DATE = "dates and times"
    MEASURE = "numbers, dates and times"
    VECTOR = "lists of numbers"

    def fits(self, dtype: DataType) -> bool:
        """Whether columns of this type can be judged."""
        if self is Takes.TEXT:
            return dtype in (pl.String, pl.Categorical, pl.Enum)
        if self is Takes.VECTOR:
            return isinstance(dtype, pl.List | pl.Array) and dtype.inner.is_numeric()
        is_date = dtype in (pl.Date, pl.Datetime)
        if self is Takes.NUMBER:
            return dtype.is_numeric()
        if self is Takes.MEASURE:
            return dtype.is_numeric() or is_date
        return self is Takes.ANYTHING or is_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What all rules have.

    Attributes:
        name: of the check it becomes.
        says: the sentence of a row that fails. `{value}` is the value to blame, `{column}` its
            column's name. In a rule about several columns the name of any other column is that
            column's value; in one about groups, or that has `found`, `{found}` is the evidence.
        severity: `error` or `warn`; None takes the field's, and for other rules `error`.
    """

    name: str
    says: str
    severity: str | None = None

    def __post_init__(self) -> None:
        for option, given in (("name", self.name), ("says", self.says)):
            if not isinstance(given, str) or not given.strip():
                raise ContractError(
                    f"the check {self.name!r} has {option}={given!r}, which is no text",
                    next=f"write {option}='…'",
                )

    def but(self: AnyRule, **changes: Any) -> AnyRule:
        """The same rule with another `name`, `says` or `severity`.

        Raises:
            ContractError: it has no such option.
        """
        for option in changes:
            if option not in {f.name for f in fields(self)}:
                raise ContractError(
                    f"the check {self.name!r} has no {option!r} to change",
                    next="change one of name, says and severity",
                )
        return replace(self, **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRule(Rule):
    """A rule about the values of one column, whichever: `field(checks=[iban()])`.

    Attributes:
        judge: the column's values → true where they are good. It is asked about values that are
            there: nulls pass. No answer (null) about a value is a failure.
        takes: the types it can judge.
        found: the column's values → what is wrong with them, as text, for `{found}` in the
            sentence. It is asked about values that fail only.
        shows: the column's values → how one that fails is shown in its finding, where that is not
            as it was delivered: without what nobody is to read.
        code: for a `judge` that calls Python functions: what they do, as text that is the same in
            every process and on every machine, for the contract's fingerprint.
    """

    judge: Callable[[pl.Expr], pl.Expr]
    takes: Takes = Takes.ANYTHING
    found: Callable[[pl.Expr], pl.Expr] | None = None
    shows: Callable[[pl.Expr], pl.Expr] | None = None
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRule(Rule):
    """A rule about several columns: `@contract(checks=[all_or_none("city", "zip")])`.

    Attributes:
        passes: true where the row is good. A null means that there was nothing to check, and
            passes.
        column: the column to report it on, if one is to blame.
        needs: column → what its type must be; columns of any type need not be named.
    """

    passes: pl.Expr
    column: str | None = None
    needs: Mapping[str, Takes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRule(Rule):
    """A rule for which other rows matter: `@contract(checks=[determines("zip", "city")])`.

    It is evaluated before the pass over the rows, on the columns it reads and no others.

    Attributes:
        reads: columns it reads.
        fails: rows in the order of their records (`core.reading.RECORD` and the columns read) →
            the rows that fail: `RECORD`, and evidence for the sentence (`FOUND`) if there is any.
            Lazy, and the same plan for the same types.
        weighs: whether `fails` also gets, for each column, which values `is_suspect`.
        column: the column to report it on, if one is to blame.
        needs: column → what its type must be; columns of any type need not be named.
        code: for a `fails` that calls Python functions, as in a `ColumnRule`.
        beyond: the same rows → what of them was not looked at, a sentence each; for a rule that
            keeps to a bound. They become notes of the split.
    """

    reads: tuple[str, ...]
    fails: Callable[[pl.LazyFrame], pl.LazyFrame]
    weighs: bool = False
    column: str | None = None
    needs: Mapping[str, Takes] = field(default_factory=dict)
    code: str = ""
    beyond: Callable[[pl.LazyFrame], list[str]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRule(GroupRule):
    """A rule about what became of rows since they were published:
    `@contract(key="deal", checks=[does_not_decrease("amount")])`.

    `fails` gets, beside each column, the value that the newest published snapshot has for the
    contract's key (`before(column)`), and whether it has the key at all (`WAS_PUBLISHED`). Rows
    without a key are left out. Where nothing is published yet, the rule is not run.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRule(Rule):
    """A rule that a row's values are, together, those of a row of another dataset.

    A row that lacks one of them passes. Where the other table is not at hand, it is not run.

    Attributes:
        reads: columns of the row.
        dataset: the other one.
        keys: its columns, in the order of `reads`.
    """

    reads: tuple[str, ...]
    dataset: str
    keys: tuple[str, ...]


#: What `@contract(checks=…)` takes.
TableRule = RowRule | GroupRule | ReferenceRule


def before(column: str) -> pl.Expr:
    """The published value of a column; null where there is none. For `ChangeRule.fails`."""
    return pl.col(f"__before:{column}")


def is_suspect(column: str) -> pl.Expr:
    """Whether a value fails an error check of its column alone, and so is no evidence against
    another. For `GroupRule.fails` of a rule that `weighs`."""
    return pl.col(f"__suspect:{column}")
