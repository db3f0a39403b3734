"""diff: what changed between two snapshots of a dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from cleanhold.core.contract import MASK
from cleanhold.core.finding import RECORD_NUMBER, ROW_ID
from cleanhold.core.snapshot import Snapshot
from cleanhold.errors import NeverPublished
from cleanhold.pipeline.masking import Personal, personal
from cleanhold.pipeline.stores import Stores
from cleanhold.store.snapshots import scan, verify_files

#: Keys shown of each kind.
EXAMPLES = 10

_FACTS = ("nulls", "distinct", "least", "greatest", "mean")

_OLD, _NEW = "old:", "new:"


@dataclass(frozen=True, slots=True)
class Profile:
    """The values of one column; least, greatest and mean as text, of ordered types only."""

    nulls: int | None
    distinct: int | None
    least: str | None
    greatest: str | None
    mean: str | None


@dataclass(frozen=True, slots=True)
class ColumnDifference:
    """One column in both snapshots.

    Attributes:
        before, after: its dtype; None where the snapshot lacks the column.
        changed: rows of the same key that have another value; None where that cannot be told.
    """

    column: str
    before: str | None
    after: str | None
    changed: int | None
    profile_before: Profile | None
    profile_after: Profile | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one snapshot to another.

    Attributes:
        key: columns by which rows are told apart; `row_id` where there is no unique key.
        added, removed, changed: how many rows; `same` the others that both have.
        examples: `added`, `removed`, `changed` → the keys of some.
    """

    before: Snapshot
    after: Snapshot
    key: tuple[str, ...]
    added: int
    removed: int
    changed: int
    same: int
    columns: tuple[ColumnDifference, ...]
    examples: Mapping[str, Sequence[str]]

    def as_dict(self) -> dict[str, Any]:
        return {
            "dataset": self.after.dataset,
            "before": {"snapshot": self.before.number, "rows": self.before.rows},
            "after": {"snapshot": self.after.number, "rows": self.after.rows},
            "key": list(self.key),
            "added": self.added,
            "removed": self.removed,
            "changed": self.changed,
            "same": self.same,
            "columns": [asdict(c) for c in self.columns],
            "examples": {kind: list(keys) for kind, keys in self.examples.items()},
        }


def diff(
    stores: Stores, dataset: str, before: int | None = None, after: int | None = None
) -> Difference:
    """Compare two snapshots: schema, counts, each column's profile, rows by their key.

    Personal values are masked. Both snapshots are verified first.

    Args:
        stores: of the workspace.
        dataset: whose snapshots.
        before: number of one; the published one before `after` if None.
        after: number of the other; what readers have if None.

    Raises:
        NeverPublished: there is no such snapshot.
        SnapshotExpired: its rows are gone.
        DamagedFile: its files are not what was published.
    """
    new = _snapshot(stores, dataset, after)
    old = _snapshot(stores, dataset, before) if before is not None else _previous(stores, new)
    rows = [_rows(stores, snapshot) for snapshot in (old, new)]
    schemas = [r.collect_schema() for r in rows]
    hidden = personal(stores.contracts.get(dataset))
    key = tuple(stores.manifest(new).details.get("key", ()))
    if not key or not all(_is_key(r, s, key) for r, s in zip(rows, schemas, strict=True)):
        key = (ROW_ID,)
    values = [n for n in schemas[1] if n not in (*key, ROW_ID, RECORD_NUMBER)]
    comparable = [n for n in values if schemas[0].get(n) == schemas[1][n]]
    joined = _joined(rows[0], rows[1], key, comparable)
    counts = _counts(joined, comparable)
    profiles = [_profiles(r, s, hidden) for r, s in zip(rows, schemas, strict=True)]
    names = [
        n for n in dict.fromkeys([*schemas[0], *schemas[1]]) if n not in (ROW_ID, RECORD_NUMBER)
    ]
    columns = [
        ColumnDifference(
            column=name,
            before=_dtype(schemas[0], name),
            after=_dtype(schemas[1], name),
            changed=counts.get(f"changed:{name}"),
            profile_before=profiles[0].get(name),
            profile_after=profiles[1].get(name),
        )
        for name in names
    ]
    return Difference(
        before=old,
        after=new,
        key=key,
        added=counts["added"],
        removed=counts["removed"],
        changed=counts["changed"],
        same=counts["same"],
        columns=tuple(columns),
        examples=_examples(joined, key, comparable, hidden),
    )


def _snapshot(stores: Stores, dataset: str, number: int | None) -> Snapshot:
    found = stores.ledger.snapshot(dataset, number)
    if found is None:
        have = ", ".join(f"{s.number}" for s in stores.ledger.snapshots(dataset)[::-1])
        what = f"snapshot {number}" if number is not None else "published snapshot"
        raise NeverPublished(
            f"{dataset} has no {what}",
            next=f"there are {have}"
            if have
            else "see `cleanhold snapshots`, or run `cleanhold run`",
        )
    return found


def _previous(stores: Stores, snapshot: Snapshot) -> Snapshot:
    earlier = stores.published_before(snapshot.dataset, snapshot.number)
    if earlier is None:
        raise NeverPublished(
            f"{snapshot.dataset} has no published snapshot before {snapshot.number}",
            next=f"name two: cleanhold diff {snapshot.dataset} N M",
        )
    return earlier


def _rows(stores: Stores, snapshot: Snapshot) -> pl.LazyFrame:
    files = stores.data_files(snapshot)
    verify_files(stores.state, stores.manifest(snapshot))
    return scan(files)


def _is_key(rows: pl.LazyFrame, schema: pl.Schema, key: Sequence[str]) -> bool:
    if any(name not in schema for name in key):
        return False
    once = pl.struct(key).n_unique() == pl.len()
    return bool(rows.select(once).collect(engine="streaming").item())


def _joined(
    old: pl.LazyFrame, new: pl.LazyFrame, key: Sequence[str], values: Sequence[str]
) -> pl.LazyFrame:
    """One row a key, with both snapshots' values; keys as text, for their types may differ."""

    def side(rows: pl.LazyFrame, prefix: str) -> pl.LazyFrame:
        there = pl.lit(True).alias(prefix)
        named = [pl.col(name).alias(prefix + name) for name in values]
        return rows.select(*(pl.col(k).cast(pl.String) for k in key), *named, there)

    return side(old, _OLD).join(
        side(new, _NEW), on=list(key), how="full", coalesce=True, nulls_equal=True
    )


def _is_both() -> pl.Expr:
    return pl.col(_OLD).is_not_null() & pl.col(_NEW).is_not_null()


def _differs(name: str) -> pl.Expr:
    return _is_both() & pl.col(_OLD + name).ne_missing(pl.col(_NEW + name))


def _any_differs(values: Sequence[str]) -> pl.Expr:
    return pl.any_horizontal([_differs(n) for n in values]) if values else pl.lit(False)


def _counts(joined: pl.LazyFrame, values: Sequence[str]) -> dict[str, int]:
    differs = _any_differs(values)
    counted = joined.select(
        pl.col(_OLD).is_null().sum().alias("added"),
        pl.col(_NEW).is_null().sum().alias("removed"),
        differs.sum().alias("changed"),
        (_is_both() & ~differs).sum().alias("same"),
        *(_differs(name).sum().alias(f"changed:{name}") for name in values),
    )
    return counted.collect(engine="streaming").row(0, named=True)


def _examples(
    joined: pl.LazyFrame, key: Sequence[str], values: Sequence[str], hidden: Personal
) -> dict[str, list[str]]:
    kinds = {
        "added": pl.col(_OLD).is_null(),
        "removed": pl.col(_NEW).is_null(),
        "changed": _any_differs(values),
    }
    shown = pl.concat_str(
        [pl.lit(MASK) if hidden.has(k) else pl.col(k).fill_null("") for k in key], separator=" | "
    )
    return {
        kind: joined.filter(which)
        .select(shown.alias("key"))
        .bottom_k(EXAMPLES, by="key")
        .collect(engine="streaming")["key"]
        .sort()
        .to_list()
        for kind, which in kinds.items()
    }


def _profiles(rows: pl.LazyFrame, schema: pl.Schema, hidden: Personal) -> dict[str, Profile]:
    asked: dict[str, pl.Expr] = {}
    for name, dtype in schema.items():
        value = pl.col(name)
        asked[f"nulls:{name}"] = value.null_count()
        if not dtype.is_nested() and dtype != pl.Object:
            asked[f"distinct:{name}"] = value.drop_nulls().n_unique()
        if not hidden.has(name) and _is_ordered(dtype):
            asked[f"least:{name}"] = value.min().cast(pl.String)
            asked[f"greatest:{name}"] = value.max().cast(pl.String)
        if not hidden.has(name) and dtype.is_numeric():
            asked[f"mean:{name}"] = value.cast(pl.Float64).mean().round(6).cast(pl.String)
    plan = rows.select([e.alias(n) for n, e in asked.items()])
    found = plan.collect(engine="streaming").row(0, named=True)
    return {name: Profile(*(found.get(f"{fact}:{name}") for fact in _FACTS)) for name in schema}


def _is_ordered(dtype: pl.DataType) -> bool:
    return dtype.is_numeric() or dtype.is_temporal() or dtype == pl.String


def _dtype(schema: pl.Schema, name: str) -> str | None:
    return str(schema[name]) if name in schema else None
