"""How a pact is written: `@pact` over a class with the columns that a consumer reads."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import isfinite
from types import UnionType
from typing import Any, NoReturn, TypeVar, Union, get_args, get_origin

from cleanhold.core.contract import DATASET_NAME
from cleanhold.core.pact import CONSUMER_NAME, Need, Pact, Unmet
from cleanhold.errors import ContractError
from cleanhold.plan.pact_terms import read_type, rows_of, snapshot_of, snapshots_of, spans_of
from cleanhold.plan.terms import (
    one_of,
    one_text,
    options_of,
    place_of_caller,
    refuse_option,
    share,
)

Class = TypeVar("Class", bound=type)

_MARK = "__cleanhold_pacts__"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What `need` was given."""

    nulls: float | None
    drift: float | bool | None
    name: str
    where: str


def pact(
    consumer: str,
    *,
    needs: str = "",
    owner: str = "",
    rows: int = 0,
    freshness: str | None = None,
    never_older: str | None = None,
    snapshot: int | None = None,
    snapshots: tuple[int | None, int | None] = (None, None),
    baseline: int | None = None,
    unmet: str = "last_good",
    description: str = "",
    **mistaken: Any,
) -> Callable[[Class], Class]:
    """Make a class what one consumer needs of a dataset: its columns, their types and limits.

        @pact("churn-model", needs="features.customer_churn", owner="growth@example.org")
        class ChurnModel:
            contact_id: str
            age_years: int = need(nulls="30%")

    Args:
        consumer: its name: `churn-model`.
        needs: the dataset.
        owner: who answers for the consumer: an address or a team.
        rows: the fewest rows that it can work with.
        freshness: how old the newest delivery in the table may be when it is read: `"26h"`, `"7d"`.
        never_older: how old it may be at most, where `unmet` gives an older snapshot.
        snapshot: number of the one snapshot that it reads.
        snapshots: the first and the last that it reads: `(12, None)`.
        baseline: number of the snapshot that drift is measured from; the dataset's own baseline if
            not given.
        unmet: what it reads where the newest snapshot is not what it needs: `last_good` (the newest
            that is, with a warning) or `refuse` (nothing: the read raises).
        description: what it is; the docstring of the class if not given.

    Raises:
        ContractError: a term is mistaken; the message says which, where and what to do.
    """
    where = place_of_caller()
    if mistaken:
        refuse_option(next(iter(mistaken)), options_of(pact), where)
    if not isinstance(consumer, str) or not CONSUMER_NAME.fullmatch(consumer):
        raise ContractError(
            f"{getattr(consumer, '__name__', consumer)!r:.80} is not the name of a consumer",
            where=where,
            next="write one above the class, small letters and digits joined with - or .: "
            "@pact('churn-model', needs='features.customer_churn')",
        )
    if not isinstance(needs, str) or not DATASET_NAME.fullmatch(needs):
        raise ContractError(
            f"the pact {consumer!r} does not say which dataset it needs",
            where=where,
            next=f"name one: @pact({consumer!r}, needs='features.customer_churn')",
        )
    fresh, oldest = spans_of(freshness, never_older, where)
    read = snapshots_of(snapshot, snapshots, where)
    said = one_of(Unmet, unmet, "unmet", where)
    if oldest is not None and said is Unmet.REFUSE:
        _refuse("never_older says how old the last good may be, and unmet='refuse' gives none",
                where, "leave never_older out, or write unmet='last_good'")  # fmt: skip
    if snapshot is not None and (fresh or oldest):
        _refuse(f"snapshot {snapshot} only gets older, and the pact asks for freshness", where,
                "leave freshness out, or snapshot")  # fmt: skip
    terms = Pact(
        consumer=consumer,
        dataset=needs,
        needs=(),
        owner=one_text(owner, "owner", where),
        description=one_text(description, "description", where),
        rows=rows_of(rows, where),
        freshness=fresh,
        never_older=oldest,
        snapshots=read,
        baseline=snapshot_of(baseline, "baseline", where),
        unmet=said,
        where=where,
    )

    def declare(model: Class) -> Class:
        columns = tuple(_needs(model, where))
        about = terms.description or inspect.cleandoc(vars(model).get("__doc__") or "")
        own = replace(terms, needs=columns, description=about)
        setattr(model, _MARK, (*pacts_of(model), own))
        return model

    return declare


def need(
    *unnamed: object,
    nulls: str | float | None = None,
    drift: float | bool | None = None,
    name: str = "",
    **mistaken: Any,
) -> Any:
    """What a consumer needs of one column, beside its type.

    Args:
        nulls: share of the rows that may be without a value: `"5%"` or 0.05. If not given, none
            may; of a type like `int | None`, all.
        drift: how far its values may have moved from those of the baseline: `True` for the limits
            of the drift audit, or a number instead of 0.2 (numbers, PSI) or 0.1 (categories,
            Jensen-Shannon).
        name: of the column, where it is no name in Python: `name="Contact ID"`.
        unnamed: none; only there to tell who forgot the option's name.

    Raises:
        ContractError: an option is unknown or has a mistaken value.
    """
    where = place_of_caller()
    if unnamed:
        _refuse(f"need({unnamed[0]!r}) does not say what that is", where,
                "name the option: need(nulls='5%'), need(drift=0.2)")  # fmt: skip
    if mistaken:
        refuse_option(next(iter(mistaken)), options_of(need), where)
    is_limit = isinstance(drift, int | float) and isfinite(drift) and drift > 0
    if drift is not None and drift is not False and not is_limit:
        _refuse(f"drift={drift!r} is no limit", where,
                "write drift=True, or a number above 0: drift=0.3")  # fmt: skip
    limit = share(nulls, "nulls", where)
    moved = float(drift) if drift and drift is not True else drift or None
    return _Asked(limit, moved, one_text(name, "name", where), where)


def pacts_of(value: object) -> tuple[Pact, ...]:
    """What a class was declared as: of one dataset or several; mostly nothing."""
    found = vars(value).get(_MARK, ()) if isinstance(value, type) else ()
    return found if isinstance(found, tuple) else ()


def _needs(model: type, where: str) -> Iterator[Need]:
    """The columns of a class: its annotations, those of the classes it derives from first."""
    if not isinstance(model, type):
        _refuse(f"{getattr(model, '__name__', model)!r} is not a class", where,
                "write the columns in a class below @pact")  # fmt: skip
    hints: dict[str, Any] = {}
    asked: dict[str, object] = {}
    for base in reversed(model.__mro__[:-1]):
        try:
            hints |= inspect.get_annotations(base, eval_str=True)
        except Exception as error:  # an annotation is anybody's expression
            raise ContractError(
                f"the types of {base.__name__} cannot be read: {error}",
                where=where,
                next="check the spelling, and that each name is imported",
            ) from error
        asked |= {n: v for n, v in vars(base).items() if n in hints or isinstance(v, _Asked)}
    for name, value in asked.items():
        if not isinstance(value, _Asked):
            _refuse(f"{name} = {value!r:.80} does not say what is needed", where,
                    f"write {name}: … = need(nulls='5%'), or only its type")  # fmt: skip
        if name not in hints:
            _refuse(f"{name} has no type", value.where, f"write {name}: str = need(…)")
    if not hints:
        _refuse(f"{model.__name__} names no column", where,
                "write each column that the consumer reads: contact_id: str")  # fmt: skip
    seen: set[str] = set()
    for name, hint in hints.items():
        one = asked.get(name)
        found = _need(name, hint, one if isinstance(one, _Asked) else None, where)
        if found.column in seen:
            _refuse(f"the column {found.column!r} is needed twice", where, "write it once")
        seen.add(found.column)
        yield found


def _need(name: str, hint: Any, asked: _Asked | None, where: str) -> Need:
    is_union = get_origin(hint) in (Union, UnionType)
    kinds = [kind for kind in get_args(hint) if kind is not type(None)] if is_union else [hint]
    may_lack = is_union and len(kinds) < len(get_args(hint))
    types, said = read_type(kinds[0] if len(kinds) == 1 else hint, name, where)
    nulls = asked.nulls if asked else None
    return Need(
        (asked.name if asked else "") or name,
        types,
        said,
        nulls=nulls if nulls is not None or may_lack else 0.0,
        drift=asked.drift if asked else None,
    )


def _refuse(what: str, where: str, remedy: str) -> NoReturn:
    raise ContractError(what, where=where, next=remedy)
