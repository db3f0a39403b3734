"""Which raw column feeds which column of the contract."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import polars as pl

from cleanhold.core.check import Check, Kind, Severity
from cleanhold.core.contract import EXTRA, Column, Contract, Unknown
from cleanhold.core.parsing import DataType
from cleanhold.errors import ContractError
from cleanhold.plan.checks import parse_check
from cleanhold.plan.conversion import can_convert
from cleanhold.plan.headers import find_headers
from cleanhold.plan.sentences import few, literal

#: Kinds that a column has once, whichever way it is declared.
_ONCE = frozenset({Kind.PRESENT, Kind.PARSE})

#: Prefix of raw columns while they stand beside parsed ones.
RAW = "raw:"


@dataclass(frozen=True, slots=True)
class Bound:
    """A contract column and the raw column it is read from (None: the extract has none)."""

    column: Column
    raw: str | None
    raw_dtype: DataType | None

    @property
    def is_text(self) -> bool:
        return self.raw_dtype == pl.String


@dataclass(frozen=True, slots=True)
class Binding:
    """All columns bound, regex columns expanded, and the checks that follow them.

    Attributes:
        unknown: raw columns that no column is read from.
    """

    columns: tuple[Bound, ...]
    checks: tuple[Check, ...]
    unknown: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def unfit(self) -> tuple[str, ...]:
        """Why the extract's columns are not those the contract asks for, in words.

        Every row is held for it, so readers must not take what is left for the extract.
        """
        missing = {b.column.name for b in self.columns if b.raw is None}
        known = {b.column.name for b in self.columns}
        absent = [
            check.column
            for check in self.checks
            if check.kind is Kind.PRESENT and check.severity is Severity.ERROR
            and check.column is not None and (check.column in missing or check.column not in known)
        ]  # fmt: skip
        said = [c.says.replace("{{", "{").replace("}}", "}") for c in self.checks
                if c.kind is Kind.LAYOUT]  # fmt: skip
        return (*((f"the extract lacks columns: {few(absent)}",) if absent else ()), *said)


def bind(
    contract: Contract, raw: Mapping[str, DataType], unreadable: Collection[str] = ()
) -> Binding:
    """Match a contract's columns to the raw columns of an extract.

    How a column is found is told in `plan.headers`; what of the extract no column wants, and what
    a column wants and the extract lacks, follows the contract's `unknown` and `missing`.

    Args:
        contract: with the columns to find.
        raw: raw column → dtype.
        unreadable: raw columns in which the reader may have found what is no value.

    Raises:
        ContractError: several raw columns fit a name equally well, one raw column fits two
            names, or what arrives cannot become a column's type.
    """
    found = {
        column.name: Bound(column, name, raw[name] if name is not None else None)
        for column, name in find_headers(contract, list(raw))
    }
    declared = set(found)  # by name; pandera leaves these to their own declaration
    columns = list(found.values())
    in_order: list[Bound] = []  # as the contract lists them, patterns where they stand
    checks: list[Check] = []
    checks_of: dict[str | None, list[Check]] = {}
    for check in contract.checks:
        checks_of.setdefault(check.column, []).append(check)
    for column in contract.columns:
        own = checks_of.get(column.name, [])
        if not column.regex:
            in_order.append(found[column.name])
            checks += own
            continue
        matched = [name for name in _matching(column.name, raw) if name not in declared]
        if not matched:  # nothing to hold values: only `present` has something to say
            checks += [c for c in own if c.kind is Kind.PRESENT]
        for name in matched:
            real = [_renamed(c, column.name, name) for c in own]
            if name in found:  # two patterns match it: both check it, the first gives the type
                checks += _apart([c for c in real if c.kind not in _ONCE], checks)
                continue
            named = replace(column, name=name, regex=False, source=(name,))
            found[name] = Bound(named, name, raw[name])
            columns.append(found[name])
            in_order.append(found[name])
            checks += real
    names = {d.name for d in contract.columns}
    checks += [c for c in contract.checks if c.column not in names]
    parsed = {c.column for c in checks if c.kind is Kind.PARSE}
    for bound in columns:
        _require_readable(bound, contract)
        if bound.raw in unreadable and bound.column.name not in parsed:
            checks.append(parse_check(bound.column))
    checks, notes = _over(checks, delivered(columns, raw))
    notes = [*contract.notes, *notes]
    checks += [_told_missing(b.column) for b in columns if b.raw is None and b.column.fills]
    used = {b.raw for b in columns}
    unknown = tuple(name for name in raw if name not in used)
    if unknown:
        match contract.unknown:
            case Unknown.REFUSE:
                says = f"the extract has unknown columns: {literal(few(unknown))}"
                checks.append(Check("no_extra_columns", Kind.LAYOUT, says))
            case Unknown.KEEP:
                notes.append(f"columns kept as JSON in {EXTRA!r}: {few(unknown)}")
            case Unknown.IGNORE:
                notes.append(f"columns the contract does not use: {few(unknown)}")
    if contract.ordered and not _is_sorted(in_order, raw):
        checks.append(Check("ordered_columns", Kind.LAYOUT, "the columns are in another order"))
    return Binding(tuple(columns), tuple(checks), unknown, tuple(notes))


def _told_missing(column: Column) -> Check:
    """The finding, once for the whole extract, of a column that is null because it is missing."""
    value = "null" if column.default is None else repr(column.default)
    says = f"the extract has no column {column.name!r}; it is {value} in every row"
    return Check(
        "present", Kind.DATASET, literal(says), Severity.WARN, column.name, passes=pl.lit(False)
    )


def _matching(pattern: str, raw: Mapping[str, DataType]) -> list[str]:
    """Raw columns whose whole name the pattern matches, as pandera has it."""
    compiled = re.compile(pattern)
    return [name for name in raw if compiled.fullmatch(name)]


def _over(checks: list[Check], columns: Mapping[str, DataType]) -> tuple[list[Check], list[str]]:
    """The checks over the columns that patterns have become, and notes on those that cannot be."""
    kept, notes = [], []
    for check in checks:
        if check.over and not columns:
            notes.append(f"not checked: {check.label}, for the extract has no such column")
            continue
        real = replace(check.over(columns, check.column), name=check.name) if check.over else check
        lacking = [n for n in real.reads if n not in columns]
        if lacking:
            named = ", ".join(lacking)
            notes.append(f"not checked: {check.label}, for the extract has no column {named}")
        else:
            kept.append(real)
    return kept, notes


def _require_readable(bound: Bound, contract: Contract) -> None:
    if bound.is_text and bound.column.parse is None:
        raise ContractError(
            f"the column {bound.column.name!r} arrives as text, and there is no default way to "
            f"read text as {bound.column.dtype}",
            where=contract.where,
            next="give the field a parse rule, or another type",
        )
    raw, dtype = bound.raw_dtype, bound.column.dtype
    if raw is not None and not bound.is_text and not can_convert(raw, dtype):
        raise ContractError(
            f"the column {bound.column.name!r} arrives as {raw}, which cannot become {dtype}",
            where=contract.where,
            next="give the field the type that arrives, or convert the extract first",
        )


def _apart(added: list[Check], checks: list[Check]) -> list[Check]:
    """Checks to add, numbered where one of that name is there; facts are not added twice."""
    taken = {c.label for c in checks}
    kept = []
    for check in added:
        if check.label in taken and check.kind is not Kind.ROW:
            continue
        number, name = 2, check.name
        while check.label in taken:
            check, number = replace(check, name=f"{name}_{number}"), number + 1
        taken.add(check.label)
        kept.append(check)
    return kept


def _renamed(check: Check, old: str, new: str) -> Check:
    if old == new:
        return check
    reads = tuple(new if r == old else r for r in check.reads)
    passes = check.passes_on(new) if check.passes_on else None
    return replace(check, column=new, reads=reads, passes=passes, says=_said(check, old, new))


def _said(check: Check, old: str, new: str) -> str:
    return check.says.replace(literal(old), literal(new))


def _is_sorted(columns: list[Bound], raw: Mapping[str, DataType]) -> bool:
    place = {name: index for index, name in enumerate(raw)}
    positions = [place[b.raw] for b in columns if b.raw is not None]
    return positions == sorted(positions)


def delivered(columns: Iterable[Bound], raw: Mapping[str, DataType]) -> dict[str, DataType]:
    """Columns of the contract → dtype, in the extract's order, as pandera would see them; those
    it lacks come last."""
    place = {name: index for index, name in enumerate(raw)}
    in_place = sorted(columns, key=lambda b: len(place) if b.raw is None else place[b.raw])
    return {b.column.name: b.column.dtype for b in in_place}
