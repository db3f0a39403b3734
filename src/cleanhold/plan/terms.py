"""What a contract says beside pandera's own, and how its terms are read."""

from __future__ import annotations

import difflib
import inspect
import re
import sys
import typing
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import polars as pl

from cleanhold.core.check import Check, Reference, Severity
from cleanhold.core.contract import DATASET_NAME, LoadMode, Missing, Privacy, Unknown
from cleanhold.core.parsing import ParseRule
from cleanhold.core.promise import AS_USUAL, Alarm, Events, Volume
from cleanhold.core.remedy import Remedy
from cleanhold.core.rule import ColumnRule, Rule, TableRule
from cleanhold.errors import ContractError
from cleanhold.plan.sentences import few

#: Attribute of a model, and key of a field's metadata and a check's statistics, that hold
#: our terms.
TERMS = "__cleanhold__"
FIELD_TERMS = CHECK_TERMS = "cleanhold"

Word = typing.TypeVar("Word", bound=StrEnum)
Given = typing.TypeVar("Given", bound=Rule)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a contract promises beside its columns; see `declare.contract`."""

    dataset: str
    version: str
    owner: str
    key: tuple[str, ...]
    load: LoadMode
    tolerance: float | None
    freshness: timedelta | None
    description: str
    nulls: tuple[str, ...] | None
    where: str
    rules: tuple[TableRule, ...] = ()
    unknown: Unknown | None = None
    missing: Missing = Missing.REFUSE
    automatic_limit: float | int | None = None
    approval_above: int | None = None
    longest_waiver: timedelta | None = None
    never_waived: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    loss_bias: float = 0.02
    volume: Volume = AS_USUAL
    events: Events | None = None
    drift: Alarm | None = None


@dataclass(frozen=True, slots=True)
class FieldTerms:
    """What a field says beside pandera's own; see `declare.field`."""

    source: tuple[str, ...] = ()
    source_matches: str | None = None
    parse: ParseRule | None = None
    nulls: tuple[str, ...] | None = None
    privacy: Privacy = Privacy.NONE
    references: Reference | None = None
    severity: Severity = Severity.ERROR
    where: str = ""
    rules: tuple[ColumnRule, ...] = ()
    automatic: tuple[Remedy, ...] = ()
    drift: Alarm | float | None = None


@dataclass(frozen=True, slots=True)
class CheckTerms:
    """What a check says beside pandera's own; see `declare.check`."""

    says: str
    column: str | None
    where: str


def place_of_caller() -> str:
    """`file:line` of the code that called the function that calls this."""
    frame = sys._getframe(2)
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


#: What other libraries call an option → what it is called here.
_ELSEWHERE = {
    "pattern": "matches", "regexp": "matches", "min": "ge", "max": "le", "minimum": "ge",
    "maximum": "le", "choices": "isin", "enum": "isin", "values": "isin", "format": "parse",
    "required": "nullable", "optional": "nullable", "null": "nullable", "name": "source",
    "column": "source", "primary_key": "unique", "foreign_key": "references",
}  # fmt: skip


def nearest(name: object, known: Collection[str]) -> str:
    """`did you mean …? ` with the known name that is most like one, or nothing."""
    lower = {k.lower(): k for k in reversed(list(known))}
    close = difflib.get_close_matches(str(name).lower(), lower, n=1, cutoff=0.65)
    return f"did you mean {str(lower[close[0]])!r}? " if close else ""


def refuse_option(name: str, known: Collection[str], where: str) -> typing.NoReturn:
    """Raise `ContractError` about an option that does not exist, with the nearest that does."""
    other = _ELSEWHERE.get(name)
    meant = f"did you mean {other!r}?" if other in known else nearest(name, known).strip()
    raise ContractError(
        f"unknown option {name!r}",
        where=where,
        next=meant or "remove it, or look for its right name",
    )


def options_of(of: Callable[..., object]) -> list[str]:
    """The options a person may write, to suggest one from."""
    kinds = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [n for n, p in inspect.signature(of).parameters.items() if p.kind in kinds]


def unknown_column(what: str, name: str, known: Collection[str], where: str) -> typing.NoReturn:
    """Raise `ContractError` about a name that is no column of the contract."""
    has = f"its columns are {few(known)}" if known else "it has no column but patterns"
    raise ContractError(
        f"{what} {name!r}, which is not a column of the contract",
        where=where,
        next=nearest(name, known) + has,
    )


def one_of(kind: type[Word], value: str, option: str, where: str) -> Word:
    """The member of an enumeration that an option names."""
    try:
        return kind(value)
    except ValueError:
        raise ContractError(
            f"{option}={value!r} is not known",
            where=where,
            next=f"{nearest(value, list(kind))}use one of " + ", ".join(repr(str(k)) for k in kind),
        ) from None


def one_text(value: object, option: str, where: str) -> str:
    """An option that is one text.

    Raises:
        ContractError: it is something else.
    """
    if not isinstance(value, str):
        raise ContractError(
            f"{option}={value!r} is not a text", where=where, next=f"write {option}='…'"
        )
    return value


def names(value: str | Sequence[str], option: str, where: str) -> tuple[str, ...]:
    """One name or several, as a tuple; none of them blank."""
    given = words(value, option, where)
    if not all(word.strip() for word in given):
        raise ContractError(
            f"{option}={value!r} has a blank name",
            where=where,
            next=f"write {option}='a', or leave it out",
        )
    return given


def words(value: str | Sequence[str], option: str, where: str) -> tuple[str, ...]:
    """One text or several, as a tuple."""
    given = (value,) if isinstance(value, str) else value
    if not isinstance(given, list | tuple | set | frozenset) or not all(
        isinstance(word, str) for word in given
    ):
        raise ContractError(
            f"{option}={value!r} is not a text or a list of texts",
            where=where,
            next=f"write {option}='a' or {option}=('a', 'b')",
        )
    if len(set(given)) != len(given):
        raise ContractError(
            f"{option}={value!r} names something twice", where=where, next="name it once"
        )
    return tuple(given) if isinstance(given, list | tuple) else tuple(sorted(given))


def share(value: str | float | None, option: str, where: str) -> float | None:
    """`"5%"` or 0.05 as a share between 0 and 1."""
    if value is None:
        return None
    try:
        text = str(value).strip()
        part = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        part = -1.0
    if not 0 <= part <= 1:
        raise ContractError(
            f"{option}={value!r} is not a share",
            where=where,
            next="write '5%' or 0.05, between 0 and 100 %",
        )
    return part


def header_pattern(value: object, where: str) -> str | None:
    """A pattern of header names.

    Raises:
        ContractError: it is no regular expression of Python's.
    """
    if value is None:
        return None
    pattern = one_text(value, "source_matches", where)
    try:
        re.compile(pattern)
    except re.error as error:
        raise ContractError(
            f"source_matches={pattern!r} is not a regular expression: {error}",
            where=where,
            next=r"write a pattern of the whole header: source_matches=r'Amount \((EUR|USD)\)'",
        ) from error
    if not pattern:
        raise ContractError("source_matches='' matches no header", where=where, next="leave it out")
    return pattern


def require_checks(named: Sequence[str], checks: Sequence[Check], where: str) -> None:
    """Raise `ContractError` if what `never_waived` names is no check of the contract."""
    known = {name: None for check in checks for name in (check.label, check.name)}
    for name in named:
        if name not in known:
            raise ContractError(
                f"never_waived names {name!r}, which is not a check of the contract",
                where=where,
                next=f"{nearest(name, known)}its checks are {few([c.label for c in checks])}",
            )


def row_limit(value: int | None, option: str, where: str) -> int | None:
    """A number of rows."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value
    raise ContractError(
        f"{option}={value!r} is not a number of rows", where=where, next=f"write {option}=1000"
    )


def days(value: str | None, option: str, where: str) -> timedelta | None:
    """`"30d"`, `"2w"` as whole days."""
    found = re.fullmatch(r"\s*([1-9][0-9]{0,4})\s*([dw])\s*", str(value))
    if value is not None and found is None:
        raise ContractError(
            f"{option}={value!r} is not a number of days or weeks",
            where=where,
            next=f"write {option}='30d' or {option}='2w'",
        )
    return timedelta(days=int(found[1]) * (7 if found[2] == "w" else 1)) if found else None


def duration(value: str | None, where: str) -> timedelta | None:
    """`"26h"`, `"7d"` as a time span."""
    if value is None:
        return None
    found = re.fullmatch(r"\s*([0-9]{1,6}(?:\.[0-9]+)?)\s*([mhdw])\s*", str(value))
    if found is None or not float(found[1]):
        raise ContractError(
            f"freshness={value!r} is not a duration",
            where=where,
            next="write a number and m, h, d or w: '26h', '7d'",
        )
    unit = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}[found.group(2)]
    return timedelta(**{unit: float(found.group(1))})


def reference(value: str | None, where: str) -> Reference | None:
    """`dataset.column` as a reference."""
    if value is None:
        return None
    dataset, _, column = str(value).rpartition(".")
    if not DATASET_NAME.fullmatch(dataset) or not column:
        raise ContractError(
            f"references={value!r} does not name a column of a dataset",
            where=where,
            next="write dataset.column, like crm.accounts.account_id",
        )
    return Reference(dataset, (column,))


def rules(given: object, kinds: tuple[type[Given], ...], where: str) -> tuple[Given, ...]:
    """The rules of a field or a contract.

    Raises:
        ContractError: something in the list is no rule, or a rule of the other kind.
    """
    if isinstance(given, Rule):
        raise ContractError(
            f"checks= is the check {given.name!r}, which is not a list of checks",
            where=where,
            next="write checks=[…]",
        )
    if not isinstance(given, list | tuple):
        raise ContractError(
            f"checks={getattr(given, '__name__', given)!r} is not a list of checks",
            where=where,
            next="write checks=[…]",
        )
    for rule in given:
        if isinstance(rule, kinds):
            continue
        if isinstance(rule, Rule):
            one = isinstance(rule, ColumnRule)
            raise ContractError(
                f"the check {rule.name!r} is about {'one column' if one else 'whole rows'}",
                where=where,
                next=f"give it to {'field' if one else '@contract'}(checks=[…])",
            )
        called = getattr(rule, "__name__", None)
        raise ContractError(
            f"{called or repr(rule)} is not a check",
            where=where,
            next=f"call it: {called}(…)" if called else "use one of cleanhold.checks",
        )
    return tuple(given)


def check_pattern(pattern: str, where: str) -> None:
    """Raise `ContractError` unless the pattern is one that Polars' engine takes."""
    if not isinstance(pattern, str):
        raise ContractError(
            f"{pattern!r} is not a regular expression: it is no text",
            where=where,
            next="write a raw string, r'[A-Z]{2}[0-9]+'",
        )
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.ComputeError as error:
        found = re.search(r"^error: (.*)$", str(error), re.MULTILINE)
        reason = found.group(1) if found else str(error).splitlines()[0]
        raise ContractError(
            f"{pattern!r} is not a regular expression: {reason}",
            where=where,
            next="mend it (look-around and back-references are not supported) and write it as a "
            "raw string, r'[A-Z]{2}[0-9]+'",
        ) from error
