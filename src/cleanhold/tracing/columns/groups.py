"""Groups: by keys, and by windows over a column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cleanhold.core.column_lineage import Way
from cleanhold.tracing.columns.frame import Frame, Origins, merged, through
from cleanhold.tracing.columns.steps import Step, computed, noting


def group_by(step: Step, frames: Sequence[Frame]) -> Frame:
    """`group_by`, `group_by_dynamic`, or `rolling`, whose rows stay as they are."""
    (before,) = frames
    view = step.view
    keys, aggregated = step.terms(view.keys), step.terms(view.aggs)
    columns = {**computed(keys, before), **computed(aggregated, before)}
    over: Any = view.options.dynamic or view.options.rolling
    index = before.columns[over.index_column] if over else ()
    rows = before.rows
    if view.options.rolling:
        by = merged(*computed(keys, before).values(), index)
        windows = through(by, Way.WINDOW, "rolling")
        columns |= {name: merged(columns[name], windows) for name in aggregated}
        columns[over.index_column] = index
    else:
        told = "group_by_dynamic" if over else "group_by"
        by = merged(*computed(keys, before).values(), index)
        rows = merged(rows, through(by, Way.GROUP_BY, told))
    starts: Origins = through(index, Way.TRANSFORMATION, "group_by_dynamic")
    frame = replace(before, rows=rows, columns={n: columns.get(n, starts) for n in step.names})
    return noting(frame, {**keys, **aggregated})
