"""waived: which published rows fail a check, because somebody let them through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.finding import ROW_ID
from cleanhold.core.snapshot import Manifest
from cleanhold.pipeline.stores import Stores
from cleanhold.store.quarantine import Quarantine
from cleanhold.store.snapshots import scan

#: One row of a table that was let through: the checks that it may fail (`column.check`), the last
#: day of the waiver (UTC; null: none), and the number of the decision.
WAIVED_SCHEMA: dict[str, Any] = {
    ROW_ID: pl.String,
    "checks": pl.List(pl.String),
    "until": pl.Date,
    "decision": pl.Int64,
}

#: In a manifest's details: the rows of its table that were let through, by waiver.
WAIVED = "waived"


def waived_in(manifest: Manifest | None) -> pl.DataFrame:
    """The rows of a snapshot that were let through (`WAIVED_SCHEMA`)."""
    listed: Sequence[Mapping[str, Any]] = manifest.details.get(WAIVED, ()) if manifest else ()
    rows = [
        (row, each["checks"], each.get("until"), each.get("decision"))
        for each in listed
        for row in each["rows"]
    ]
    schema = {**WAIVED_SCHEMA, "until": pl.String}
    found = pl.DataFrame(rows, schema=schema, orient="row")
    return found.with_columns(pl.col("until").str.to_date())


def let_through(stores: Stores, dataset: str, rows: pl.DataFrame, warned: Path) -> pl.DataFrame:
    """Rows of a replay that fail a check which was waived for them (`WAIVED_SCHEMA`).

    Args:
        rows: of the replay; see `replay_rows`.
        warned: findings on the rows that passed.
    """
    under = rows.filter(pl.col("waived").list.len() > 0).select(ROW_ID, checks="waived")
    if under.is_empty():
        return pl.DataFrame(schema=WAIVED_SCHEMA)
    finding = pl.col("findings").struct
    label = pl.concat_str(finding.field("column"), finding.field("check"), separator=".",
                          ignore_nulls=True)  # fmt: skip
    told = scan([warned]).explode("findings").select(ROW_ID, failed=label)
    found = told.collect(engine="streaming")
    failing = (
        found.join(under, on=ROW_ID)
        .filter(pl.col("failed").is_in(pl.col("checks")))
        .select(ROW_ID)
        .unique()
    )
    terms = Quarantine(stores.state).waivers(dataset, failing[ROW_ID].to_list())
    through = under.join(failing, on=ROW_ID).join(terms, on=ROW_ID, how="left").sort(ROW_ID)
    return through.select(pl.col(c).cast(t) for c, t in WAIVED_SCHEMA.items())


def listed(
    before: pl.DataFrame, judged: pl.Expr, now: pl.DataFrame, table: Sequence[Path]
) -> dict[str, Any]:
    """What the manifest of a new snapshot says of the rows that were let through.

    Args:
        before: those of the snapshot it follows.
        judged: which rows this run judged anew: of those only `now` counts.
        now: those that this run lets through.
        table: the data files of the new snapshot.

    Returns:
        The part of its details; nothing if there are no such rows.
    """
    rows = pl.concat([before.filter(~judged), now])
    if rows.is_empty():
        return {}
    wanted = pl.col(ROW_ID).is_in(rows[ROW_ID].implode())
    ids = [scan([path]).filter(wanted).select(ROW_ID) for path in table]
    there = pl.concat(ids).collect(engine="streaming")
    kept = rows.join(there, on=ROW_ID, how="semi").sort("decision", ROW_ID)
    groups = kept.group_by("checks", "until", "decision", maintain_order=True).agg(ROW_ID)
    told = [
        {
            "checks": list(checks),
            "until": until.isoformat() if until else None,
            "decision": decision,
            "rows": ids,
        }
        for checks, until, decision, ids in groups.iter_rows()
    ]
    return {WAIVED: told} if told else {}
