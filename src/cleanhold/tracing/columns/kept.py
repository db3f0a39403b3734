"""Column lineage in the manifest of a snapshot: what really ran, beside what it made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cleanhold.core.column_lineage import Column, ColumnLineage, Origin, Way
from cleanhold.core.run import InputKind
from cleanhold.core.snapshot import Manifest

#: In a manifest's details.
LINEAGE = "lineage"

#: In that part: the columns in order, for a manifest sorts the keys of objects.
_ORDER = "order"

#: How many origins a manifest keeps; each is about a hundred bytes of JSON.
MOST = 20_000


def kept(lineage: ColumnLineage) -> dict[str, Any]:
    """The part of a manifest's details. Beyond `MOST` origins it says how many there are."""
    told = sum(map(len, lineage.columns.values()))
    if told > MOST:
        said = f"{told:,} origins of columns, too many to keep"
        none = dict.fromkeys(lineage.columns, ())
        lineage = ColumnLineage(none, lineage.rows, lineage.joined, (*lineage.unseen, said))
    return {LINEAGE: {**lineage.as_dict(), _ORDER: list(lineage.columns)}}


def of_manifest(manifest: Manifest) -> ColumnLineage | None:
    """What a snapshot's columns come from; None if nobody wrote it down.

    Snapshots of deliveries that were published before lineage was kept tell their headers.
    """
    if (found := manifest.details.get(LINEAGE)) is not None:
        lineage = ColumnLineage.from_dict(found)
        return replace(lineage, columns={name: lineage.columns[name] for name in found[_ORDER]})
    source, columns = manifest.details.get("source"), manifest.details.get("columns")
    if not source or not columns or all(i.kind is not InputKind.EXTRACT for i in manifest.inputs):
        return None
    return ColumnLineage(
        {name: (Origin(Column(source, header), Way.TRANSFORMATION),)
         for name, header in columns.items()}
    )  # fmt: skip
