"""A plan as one Python function of a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from cleanhold.core.check import Check, Kind
from cleanhold.core.parsing import DataType
from cleanhold.expressions.untranslatable import Untranslatable
from cleanhold.online.left import Left
from cleanhold.online.translate import Translator, is_plain
from cleanhold.online.writer import Term, Writer
from cleanhold.plan.binding import RAW
from cleanhold.plan.plan import TEXT, WHOLE_COLUMNS, Plan

#: (record, what was left to Polars) → (values, numbers of the checks that fail).
Judge = Callable[[Mapping[str, Any], Sequence[Any]], tuple[tuple[Any, ...], list[int]]]


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A plan, translated as far as it can be.

    Attributes:
        judge: takes the values and verdicts that `left` gives; skipped checks may be among
            those that fail.
        left: what Polars evaluates; None if that is nothing.
        everything: the whole plan, for a record that the function cannot judge.
        names: of the values.
        checks: what the numbers of checks mean.
        taken: number of a uniqueness check → the columns of its key, and the published keys.
        blockers: for each check, the numbers of those whose failure makes it skipped.
        notes: what was left, and why.
    """

    judge: Judge
    left: Left | None
    everything: Left
    names: tuple[str, ...]
    checks: tuple[Check, ...]
    taken: Mapping[int, tuple[tuple[str, ...], frozenset[Any]]]
    blockers: tuple[frozenset[int], ...]
    notes: tuple[str, ...]


def compile_record(
    plan: Plan, keys: Mapping[str, pl.Series], published: Mapping[str, frozenset[Any]]
) -> Compiled:
    """Translate a plan.

    Args:
        plan: the contract, bound to the columns of a record.
        keys: label of a reference check → values that exist; without it the check passes.
        published: label of a uniqueness check → keys that are taken, as values or tuples.
    """
    return _Compiler(plan, keys, published).compile()


class _Compiler:
    def __init__(
        self,
        plan: Plan,
        keys: Mapping[str, pl.Series],
        published: Mapping[str, frozenset[Any]],
    ) -> None:
        self.plan, self.published = plan, published
        self.keys = keys
        self.expressions = plan.row_expressions(keys)
        self.dtypes = plan.dtypes
        texts = {name: pl.String() for name in self.expressions.texts}
        raw = {RAW + name: dtype for name, dtype in plan.raw.items()}
        self.writer = Writer()
        self.translator = Translator(self.writer, {**raw, **texts, **self.dtypes})
        self.values: dict[str, str] = {}  # column → the code of its value
        self.left_columns: list[str] = []
        self.left_checks: list[str] = []
        self.notes: list[str] = []

    def compile(self) -> Compiled:
        plan, writer = self.plan, self.writer
        used = [b for b in plan.binding.columns if b.raw is not None]
        for bound in used:
            if bound.raw_dtype is not None and is_plain(bound.raw_dtype):
                name = writer.let(f"record[{bound.raw!r}]")
                self.translator.columns[f"{RAW}{bound.raw}"] = Term(name, bound.raw_dtype)
        for column, dtype in self.dtypes.items():
            self._column(column, dtype)
        writer.line("failed = []")
        for number, check in enumerate(plan.row_checks):
            self._check(number, check)
        writer.line(f"return ({''.join(code + ', ' for code in self.values.values())}), failed")
        left = self._left(self.left_columns, self.left_checks)
        return Compiled(
            judge=self._function(),
            left=left if self.left_columns or self.left_checks else None,
            everything=self._left(list(self.dtypes), list(self.expressions.verdicts)),
            names=tuple(self.dtypes),
            checks=plan.row_checks,
            taken={
                number: (check.reads, self.published[check.label])
                for number, check in enumerate(plan.row_checks)
                if self._is_compared(check)
            },
            blockers=self._blockers(),
            notes=tuple(self.notes),
        )

    def _left(self, columns: list[str], checks: list[str]) -> Left:
        return Left(self.plan, self.expressions, columns, checks)

    def _function(self) -> Judge:
        source = "def judge(record, left):\n" + "\n".join(self.writer.lines)
        space: dict[str, Any] = dict(self.writer.names)
        exec(compile(source, f"<guard of {self.plan.contract.dataset}>", "exec"), space)
        judge: Judge = space["judge"]
        return judge

    def _column(self, column: str, dtype: DataType) -> None:
        columns, name = self.translator.columns, TEXT + column
        try:
            if name in self.expressions.texts:
                with self.writer.attempt():
                    columns[name] = self.translator.term(self.expressions.texts[name])
            with self.writer.attempt():
                columns[column] = self._term(column, dtype)
            self.values[column] = columns[column].code
        except Untranslatable as reason:
            place = f"left[{len(self.left_columns)}]"
            self.left_columns.append(column)
            self.notes.append(f"left to Polars: the values of {column} ({reason})")
            self.values[column] = place
            if is_plain(dtype):
                columns[column] = Term(self.writer.let(place), dtype)

    def _term(self, column: str, dtype: DataType) -> Term:
        if not is_plain(dtype):
            raise Untranslatable(f"values of {dtype}")
        term = self.translator.term(self.expressions.values[column])
        return Term(term.code, dtype, term.nullable)

    def _check(self, number: int, check: Check) -> None:
        try:
            with self.writer.attempt():
                test = self._test(check)
        except Untranslatable as reason:
            test = f"left[{len(self.left_columns) + len(self.left_checks)}]"
            self.left_checks.append(check.label)
            self.notes.append(f"left to Polars: {check.label} ({reason})")
        if test == "True":
            self.writer.line(f"failed.append({number})")
        elif test not in ("False", "None"):
            self.writer.line(f"if {test}: failed.append({number})")

    def _test(self, check: Check) -> str:
        """Code that is true where the check fails."""
        if check.kind is Kind.UNIQUE:
            return self._taken(check)
        if check.kind in WHOLE_COLUMNS:
            return "False"
        if check.label in self.keys and not self.plan.is_missing(check):
            return self._unknown(check)
        return self.translator.term(self.expressions.verdicts[check.label]).code

    def _unknown(self, check: Check) -> str:
        """Code that is true where a reference leads nowhere."""
        terms = [self.translator.columns.get(name) for name in check.reads]
        if any(term is None or term.dtype == pl.Float64 for term in terms):
            raise Untranslatable("keys of that type")
        codes = [term.code for term in terms if term is not None]
        keys = self.keys[check.label]
        there = keys if len(codes) == 1 else keys.struct.unnest().rows()
        given = " and ".join(f"{code} is not None" for code in codes)
        key = codes[0] if len(codes) == 1 else f"({', '.join(codes)})"
        return f"{given} and {key} not in {self.writer.constant(frozenset(there))}"

    def _is_compared(self, check: Check) -> bool:
        """Whether a record fails for a published key; with `last`, it is the good one."""
        unique = check.kind is Kind.UNIQUE and check.keep != "last"
        return unique and check.label in self.published

    def _taken(self, check: Check) -> str:
        if not self._is_compared(check):
            return "False"
        terms = [self.values[name] for name in check.reads]
        key = terms[0] if len(terms) == 1 else f"({', '.join(terms)})"
        given = " and ".join(f"{code} is not None" for code in terms)
        return f"{given} and {key} in {self.writer.constant(self.published[check.label])}"

    def _blockers(self) -> tuple[frozenset[int], ...]:
        numbers = {c.label: n for n, c in enumerate(self.plan.row_checks)}
        return tuple(
            frozenset(numbers[b.label] for b in self.plan.blockers(check))
            for check in self.plan.row_checks
        )
