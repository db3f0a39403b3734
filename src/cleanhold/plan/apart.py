"""The pre-pass for checks that are no expression: each is given its columns, whole."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from cleanhold.core.check import Check, Kind
from cleanhold.core.reading import RECORD
from cleanhold.errors import ContractError
from cleanhold.plan.binding import delivered
from cleanhold.plan.facts import DatasetFinding, whole_sentence
from cleanhold.plan.neighbours import Neighbours
from cleanhold.plan.plan import Plan
from cleanhold.plan.watched import UnusableAnswerError, watched

_OURS = Path(__file__).resolve().parents[1]
_LIBRARIES = frozenset({"site-packages", "lib"})


@dataclass(frozen=True, slots=True)
class Apart:
    """What the checks say that were run apart.

    Attributes:
        plan: the plan, with the columns that those checks turned out to read.
        failing: label → record numbers (UInt64) of the rows that fail it.
        whole: label → finding about all rows together.
        skipped: labels of checks that need a column the extract does not have.
        notes: which checks ran apart, why, and what they read.
    """

    plan: Plan
    failing: dict[str, pl.Series]
    whole: dict[str, DatasetFinding]
    skipped: frozenset[str]
    notes: tuple[str, ...]


def run_apart(plan: Plan, rows: pl.LazyFrame, neighbours: Neighbours | None = None) -> Apart:
    """Run the plan's `APART` checks over staged rows, in memory.

    Each has in memory the columns it asks for and its own results, one check at a time; then
    eight bytes for each row that fails. The answer for a row must stand in the row's place.

    Args:
        plan: the compiled contract.
        rows: staged rows, raw columns under `raw:`, in the order of their record numbers.
        neighbours: other rows of the extract, which the checks are given too.

    Raises:
        ContractError: a check raises, or its answer cannot be matched to rows.
    """
    checks = {c.label: c for c in plan.checks if c.kind is Kind.APART}
    if not checks:
        return Apart(plan, {}, {}, frozenset(), ())
    if neighbours is None:
        numbers = rows.select(RECORD).collect(engine="streaming")[RECORD]
    else:
        numbers = neighbours.with_judged(plan, rows, ()).collect(engine="streaming")[RECORD]
    failing, whole, skipped, notes = {}, {}, set(), []
    for label, check in checks.items():
        given, read = _asked(plan, rows, check, neighbours)
        reads = tuple(b.column.name for b in plan.binding.columns if b.column.name in read)
        checks[label] = replace(check, reads=tuple(dict.fromkeys((*check.reads, *reads))))
        failing[label] = pl.Series(dtype=pl.UInt64)
        if given is None or (isinstance(given, bool) and plan.is_missing(checks[label])):
            skipped.add(label)
            notes.append(f"not checked: {label}, for the extract lacks a column that it reads")
            continue
        told = ", ".join(reads) or "no column"
        notes.append(f"run apart from the pass: {label}, for {check.because}; it read {told}")
        if (
            not isinstance(given, bool)
            and len(given) == 1
            and (check.is_whole or len(numbers) != 1)
        ):
            given = bool(given[0])
        if not isinstance(given, bool):
            if len(given) != len(numbers):
                raise _unmatched(plan, label, len(given), len(numbers))
            found = numbers.filter(~given)
            failing[label] = found if neighbours is None else neighbours.here(found)
        elif not given:
            said = whole_sentence(check)
            whole[label] = DatasetFinding(check.name, check.column, said, str(check.severity))
    binding = replace(plan.binding, checks=tuple(checks.get(c.label, c) for c in plan.checks))
    decided = replace(plan, binding=binding)
    return Apart(decided, failing, whole, frozenset(skipped), tuple(notes))


def _asked(
    plan: Plan, rows: pl.LazyFrame, check: Check, neighbours: Neighbours | None
) -> tuple[pl.Series | bool | None, set[str]]:
    """What a check answers, None if it lacks a column; and the columns it read."""
    assert check.runs is not None
    missing = {b.column.name for b in plan.binding.columns if b.raw is None}
    if check.column in missing:
        return None, set()

    def values(wanted: list[str]) -> pl.LazyFrame:
        if neighbours is not None:
            return neighbours.with_judged(plan, rows, tuple(wanted)).select(wanted)
        return plan.values(rows, only=tuple(wanted)).select(wanted)

    schema = values(list(delivered(plan.binding.columns, plan.raw))).collect_schema()
    frame, read = watched(values, schema)
    try:
        return check.runs(frame, check.column), read
    except UnusableAnswerError as error:
        raise ContractError(
            f"the check {check.label} gives {error}",
            where=plan.contract.where,
            next="give one Boolean for each row, or one for them all",
        ) from error
    except Exception as error:  # a person's check may fail in any way
        if read & missing:
            return None, read
        raise ContractError(  # what the error says is not told: it may hold a personal value
            f"the check {check.label} raises {type(error).__name__}",
            where=_line_of(error) or plan.contract.where,
            next="mend the check; it must take any values of its columns, and nulls",
        ) from error


def _unmatched(plan: Plan, label: str, given: int, rows: int) -> ContractError:
    return ContractError(
        f"the check {label} gives {given} values for {rows} rows: which is about which?",
        where=plan.contract.where,
        next="give one Boolean for each row, in the order of the rows (compare groups with "
        ".over(…), or join with maintain_order='left'), or one for them all",
    )


def _line_of(error: Exception) -> str | None:
    """The innermost line that is neither ours nor a library's."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if not file.is_relative_to(_OURS) and not _LIBRARIES.intersection(file.parts):
            return f"{file}:{frame.lineno}" if file.is_file() else None
    return None
