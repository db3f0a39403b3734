"""Column lineage of what is read into a table: headers, parse rules, the contract's columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cleanhold.core.column_lineage import Column, ColumnLineage, Origin, Way
from cleanhold.core.contract import EXTRA, Contract, Unknown
from cleanhold.core.contract import Column as Field
from cleanhold.tracing.columns.frame import Frame, Origins, merged, through


def of_delivery(
    source: str,
    contract: Contract,
    headers: Mapping[str, str],
    columns: Mapping[str, str],
    layout: Mapping[str, Any] | None = None,
) -> ColumnLineage:
    """Where the columns of a delivered table come from. Checks give no values and do not count.

    Args:
        source: its name, which the origins' columns are of.
        headers: raw columns → dtype as text.
        columns: contract column → the raw column it is read from, for those that have one. Of a
            pattern, the columns that it has become.
        layout: what the reader says of itself; positions and paths are told.
    """
    places = _places(layout or {})
    found: dict[str, Origins] = {c.name: () for c in contract.columns if not c.regex}
    for name, header in columns.items():
        told = read_by(contract, name, headers.get(header, "String"), places.get(header, ""))
        found[name] = (_origin(source, header, told),)
    if contract.unknown is Unknown.KEEP:
        used = set(columns.values())
        kept = [h for h in headers if h not in used]
        found[EXTRA] = tuple(_origin(source, h, "kept as JSON") for h in kept)
    return ColumnLineage(found)


def read_by(contract: Contract, name: str, dtype: str, place: str = "") -> str:
    """How a raw column becomes a contract's, in words; empty if its values stay as they are.

    Args:
        dtype: of the raw column, as text.
        place: where it is in a record, in words.
    """
    column = _field(contract, name)
    if column is None:
        return place
    if dtype == "String":
        rule = column.parse.says if column.parse else ""
    else:
        rule = "" if dtype == str(column.dtype) else f"converted to {column.dtype}"
    default = "a default where there is none" if column.default is not None else ""
    return ", ".join(said for said in (place, rule, default) if said)


def chained(last: ColumnLineage, before: ColumnLineage) -> ColumnLineage:
    """The lineage of a table by what the table it is made of comes from.

    Args:
        last: of the table, in terms of the columns of the one before, whatever its name.
        before: of that one.
    """
    frame = Frame.of(before)

    def back(origins: Origins) -> Origins:
        return merged(*(
            through(frame.columns.get(o.column.name, ()), o.way, o.told, masks=o.masks)
            for o in origins
        ))  # fmt: skip

    return ColumnLineage(
        {name: back(found) for name, found in last.columns.items()},
        merged(before.rows, back(last.rows)),
        before.joined,
        tuple(dict.fromkeys((*before.unseen, *last.unseen))),
    )


def _origin(source: str, header: str, told: str) -> Origin:
    way = Way.TRANSFORMATION if told else Way.IDENTITY
    return Origin(Column(source, header), way, told)


def _field(contract: Contract, name: str) -> Field | None:
    """The column of a contract that a column of its table was declared as."""
    patterns = (c for c in contract.columns if c.regex and re.fullmatch(c.name, name))
    return contract.column(name) or next(patterns, None)


def _places(described: Mapping[str, Any]) -> dict[str, str]:
    """Where the fields of a fixed-width record are, and named values in JSON."""
    if isinstance(flatten := described.get("flatten"), Mapping):
        return {name: str(path) for name, path in flatten.items()}
    layout = described["layout"] if described.get("format") == "fixed-width" else ()
    return {name: f"characters {start}–{start + size - 1}" for name, start, size in layout}
