"""point_in_time: what each entity may see of one feature table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from cleanhold.core.moments import as_moment
from cleanhold.core.readership import Stay
from cleanhold.core.training import FeatureTable, Seen
from cleanhold.errors import UsageError
from cleanhold.pipeline.entities import (
    AS_OF,
    KNOWN,
    ROW,
    SINCE,
    UNTIL,
    Entities,
    as_key,
    key_names,
)

_EVENT = "event"

#: Gives the rows of a snapshot that so many entities may see.
Opened = Callable[[Seen, int], pl.LazyFrame]


@dataclass(frozen=True, slots=True)
class _Part:
    """What some entities see of one snapshot: `ROW`, and columns as `_as` calls them."""

    seen: Seen
    rows: pl.DataFrame


def features_of(
    entities: Entities, table: FeatureTable, told: Sequence[Seen], newest: Seen, opened: Opened
) -> tuple[FeatureTable, pl.DataFrame]:
    """The columns of a table, a row for each entity in their order; and what they were taken from.

    One snapshot after the other is read, and of it only rows of the entities that may see it and
    have found none yet: no more is in memory than those, and the result.

    Args:
        told: the snapshots, as `core.readership.stays` orders them.
        newest: the one that has all columns.

    Raises:
        UsageError: a snapshot lacks the key or the event time, or two have a column in dtypes that
            do not go together.
    """
    waiting = entities.lookups(table)
    parts = list(_parts(waiting, table, told, opened))
    there = {name for part in parts for name in part.rows.columns}
    if not {_as(name) for name in table.columns.values()} <= there:
        rows = waiting.clear()  # nobody sees one, but it says of what type they are
        parts.append(_Part(newest, _found(rows, table, newest, opened(newest, 0))))
    _require_one_type(table, parts)
    names = [_as(name) for name in table.columns.values()]
    rows = pl.concat([part.rows for part in parts], how="diagonal_relaxed").select(ROW, *names)
    found = entities.times.select(ROW).join(rows, on=ROW, how="left", maintain_order="left")
    used = replace(table, seen=tuple(part.seen for part in parts), found=rows.height)
    named = dict(zip(names, table.columns.values(), strict=True))
    return used, found.drop(ROW).rename(named)


def _as(name: str) -> str:
    """What a column of the set is called while it is joined."""
    return f"column {name}"


def _parts(
    waiting: pl.DataFrame, table: FeatureTable, told: Sequence[Seen], opened: Opened
) -> Iterator[_Part]:
    for seen in [_trimmed(one, waiting) for one in told]:
        rows = waiting.filter(_may_see(seen.stay))
        if rows.is_empty():
            continue
        found = _found(rows, table, seen, opened(seen, rows.height))
        yield _Part(seen, found)
        waiting = waiting.join(found, on=ROW, how="anti")


def _may_see(stay: Stay) -> pl.Expr:
    may = (pl.col(KNOWN) >= stay.told_since) & (pl.col(UNTIL) >= stay.since)
    if stay.told_until is not None:
        may &= pl.col(KNOWN) < stay.told_until
    if stay.until is not None:
        may &= pl.col(SINCE) < stay.until
    return may


def _trimmed(seen: Seen, lookups: pl.DataFrame) -> Seen:
    """Without what was done after all times that are asked about.

    So the same question has the same answer later, to the letter.
    """
    stay = seen.stay
    if stay.until is not None and lookups.filter(pl.col(SINCE) >= stay.until).is_empty():
        stay = replace(stay, until=None)
    if stay.told_until is not None and lookups.filter(pl.col(KNOWN) >= stay.told_until).is_empty():
        stay = replace(stay, told_until=None)
    return replace(seen, stay=stay)


def _found(
    asked: pl.DataFrame, table: FeatureTable, seen: Seen, rows: pl.LazyFrame
) -> pl.DataFrame:
    """Of each entity that finds one, the newest row that is not after its time."""
    schema = rows.collect_schema()
    _require_columns(table, seen, schema)
    keys = key_names(table)
    dtypes = [
        as_key(asked.schema[key], schema[name], name, table.dataset)
        for key, name in zip(keys, table.key, strict=True)
    ]
    asked = asked.with_columns(
        pl.col(key).cast(dtype, strict=False) for key, dtype in zip(keys, dtypes, strict=True)
    ).drop_nulls(keys)
    columns = {name: _as(new) for name, new in table.columns.items() if name in schema}
    event = table.event_time
    facts = (
        rows.select(
            *(pl.col(n).cast(d).alias(k) for n, d, k in zip(table.key, dtypes, keys, strict=True)),
            *([as_moment(event, schema[event], late=True).alias(_EVENT)] if event else []),
            *(pl.col(name).alias(new) for name, new in columns.items()),
        )
        .join(asked.lazy().select(keys).unique(), on=keys, how="semi")
        .collect(engine="streaming")
    )
    if event:
        facts = facts.drop_nulls(_EVENT).sort(_EVENT)
    told_apart = [*keys, _EVENT] if event else keys
    if facts.select(told_apart).is_duplicated().any():
        raise _another_contract(
            table, seen, f"has several rows of one {' and '.join(_named(table))}"
        )
    if event:
        found = asked.sort(AS_OF).join_asof(
            facts,
            left_on=AS_OF,
            right_on=_EVENT,
            by=keys,
            coalesce=False,
            check_sortedness=False,  # Polars cannot, by key; they are sorted here
        )
        found = found.drop_nulls(_EVENT)
    else:
        found = asked.join(facts, on=keys)
    return found.select(ROW, *columns.values())


def _require_columns(table: FeatureTable, seen: Seen, schema: pl.Schema) -> None:
    event = table.event_time
    missing = [name for name in _named(table) if name not in schema]
    if not missing and (event is None or isinstance(schema[event], pl.Date | pl.Datetime)):
        return
    what = (
        f"has no column {', '.join(map(repr, missing))}"
        if missing
        else f"has {event!r} as {schema[event or '']}, which is no time"
    )
    raise _another_contract(table, seen, what)


def _named(table: FeatureTable) -> list[str]:
    """What tells the rows of a table apart for entities, by today's contract."""
    return [*table.key, *([table.event_time] if table.event_time else [])]


def _another_contract(table: FeatureTable, seen: Seen, what: str) -> UsageError:
    return UsageError(
        f"snapshot {seen.stay.number} of {table.dataset} {what}",
        where="its contract was another one than today's",
        next="leave out the entities that see it, or ask for what was known later",
    )


def _require_one_type(table: FeatureTable, parts: Sequence[_Part]) -> None:
    first: dict[str, tuple[pl.DataType, int]] = {}
    for part in parts:
        number = part.seen.stay.number
        for name, dtype in part.rows.schema.items():
            other, where = first.setdefault(name, (dtype, number))
            if dtype != other and not (dtype.is_numeric() and other.is_numeric()):
                raise UsageError(
                    f"{name} of {table.dataset} is of type {other} in snapshot {where}, "
                    f"and of {dtype} in snapshot {number}",
                    next="leave the column out, or the entities that see one of them",
                )
