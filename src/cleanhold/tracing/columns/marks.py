"""Makes the columns of an input recognisable wherever a plan leads them.

A frame is renamed and renamed back. Polars' optimiser folds that away, with predicates and
projections going through it; in the plan it says where a column is from, however often a function
joins an input with itself, and whether its rows are in a file, in memory, or not there at all.
"""

from __future__ import annotations

import polars as pl

from cleanhold.core.column_lineage import Column

#: Begins marked names, and parts them: the unit separator, which nobody types into a name.
_SIGN = "\x1f"


def mark(frame: pl.LazyFrame, table: str) -> pl.LazyFrame:
    """The same rows, under a plan that says which table they are of."""
    names = frame.collect_schema().names()
    there = {name: f"{_SIGN}{table}{_SIGN}{name}" for name in names}
    return frame.rename(there).rename({sign: name for name, sign in there.items()})


def marked(name: str) -> Column | None:
    """The column of an input that a marked name stands for; None for other names."""
    if not name.startswith(_SIGN):
        return None
    _, table, column = name.split(_SIGN, 2)
    return Column(table, column)
