"""Column lineage: which columns a table's columns and rows come from, and how.

The words are those of OpenLineage's column lineage facet (ColumnLineageDatasetFacet 1-2-0): a
*direct* origin gives values to a column; an *indirect* one decides which values, or which rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Way(StrEnum):
    """How an origin acts on what is made of it; the subtypes of OpenLineage."""

    IDENTITY = "IDENTITY"  # the value as it is
    TRANSFORMATION = "TRANSFORMATION"  # a function of the row's value
    AGGREGATION = "AGGREGATION"  # a function of several rows' values
    CONDITION = "CONDITION"  # decides which value is taken
    WINDOW = "WINDOW"  # partitions or orders the rows that a value is made of
    JOIN = "JOIN"  # decides which rows meet
    GROUP_BY = "GROUP_BY"  # decides which rows are one
    FILTER = "FILTER"  # decides which rows there are
    SORT = "SORT"  # decides their order

    @property
    def is_direct(self) -> bool:
        return self in (Way.IDENTITY, Way.TRANSFORMATION, Way.AGGREGATION)


@dataclass(frozen=True, slots=True, order=True)
class Column:
    """A column of an input: of a dataset, or of a source by its header there."""

    table: str
    name: str

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


#: Pairs of columns whose values are all equal in rows of two tables that one join brings together.
Join = tuple[tuple[Column, Column], ...]


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """One column that another column, or the choice of rows, comes from.

    Attributes:
        told: how, in words, without values of rows: a parse rule, `sum`, `left join`.
        masks: what comes out does not tell the value any more: a count, a null test, a hash.
    """

    column: Column
    way: Way
    told: str = ""
    masks: bool = False


@dataclass(frozen=True, slots=True)
class ColumnLineage:
    """Where the columns of one table come from.

    Attributes:
        columns: column of the table → its origins, direct and indirect, in order.
        rows: what decides which rows the table has: filters, joins, groupings, sorting with a
            limit. They act on every column.
        joined: by what rows of inputs meet. In each one all pairs of columns have equal values;
            of several between the same two tables, each is enough.
        unseen: what could not be read, in words: a Python function, a step of an unknown kind.
            A column that it concerns has every column that went in as an origin.
    """

    columns: Mapping[str, tuple[Origin, ...]] = field(default_factory=dict)
    rows: tuple[Origin, ...] = ()
    joined: tuple[Join, ...] = ()
    unseen: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "columns": {name: [_told(o) for o in found] for name, found in self.columns.items()},
            "rows": [_told(origin) for origin in self.rows],
            "joined": [
                [[[one.table, one.name] for one in pair] for pair in join] for join in self.joined
            ],
            "unseen": list(self.unseen),
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> ColumnLineage:
        return cls(
            {name: tuple(map(_origin, found)) for name, found in value["columns"].items()},
            tuple(map(_origin, value["rows"])),
            tuple(map(_join, value["joined"])),
            tuple(value["unseen"]),
        )


def _told(origin: Origin) -> list[Any]:
    return [origin.column.table, origin.column.name, str(origin.way), origin.told, origin.masks]


def _join(told: list[Any]) -> Join:
    """A join, or the single pair of columns that earlier manifests have in its place."""
    pairs = [told] if isinstance(told[0][0], str) else told
    return tuple((Column(*one), Column(*other)) for one, other in pairs)


def _origin(told: list[Any]) -> Origin:
    table, name, way, words, masks = told
    return Origin(Column(table, name), Way(way), words, masks)
