"""What each step of a plan does to lineage: the frames that go in, the frame that comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from cleanhold.core.column_lineage import Origin, Way
from cleanhold.tracing.columns.frame import UNSEEN_STEP, Frame, Origins, merged, through, together
from cleanhold.tracing.columns.marks import marked
from cleanhold.tracing.columns.term import Height, Term, origins, unseen


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan.

    Attributes:
        view: what Polars' traverser tells of it.
        names: columns of its result.
        term: reads one of its expressions.
    """

    view: Any
    names: tuple[str, ...]
    term: Callable[[Any], Term]

    def terms(self, expressions: Sequence[Any]) -> dict[str, Term]:
        """Expressions by the names of their results."""
        return {one.output_name: self.term(one) for one in expressions}


#: A kind of step: itself, and the frames that go in.
Effect = Callable[[Step, Sequence[Frame]], Frame]


def hidden(names: Sequence[str], frames: Sequence[Frame], what: str) -> Frame:
    """A step that cannot be read: every column that went in may be in every column and row."""
    before = together(frames)
    used = before.everything(UNSEEN_STEP)
    rows = merged(before.rows, through(used, Way.FILTER))
    said = tuple(dict.fromkeys((*before.unseen, what)))
    return replace(before, columns=dict.fromkeys(names, used), rows=rows, unseen=said)


def computed(terms: Mapping[str, Term], frame: Frame) -> dict[str, Origins]:
    """The origins of new columns."""
    return {name: origins(term, frame) for name, term in terms.items()}


def noting(frame: Frame, terms: Mapping[str, Term]) -> Frame:
    """The frame, with what of some expressions cannot be read."""
    said = [f"{name}: {what}" for name, term in terms.items() for what in unseen(term)]
    return replace(frame, unseen=tuple(dict.fromkeys((*frame.unseen, *said))))


def _select(step: Step, frames: Sequence[Frame]) -> Frame:
    (before,) = frames
    known = {name: marked(name) for name in step.names}
    if known and all(known.values()):  # an input: what lies below is how it is read
        return Frame({n: (Origin(c, Way.IDENTITY),) for n, c in known.items() if c})
    terms = step.terms(step.view.expr)
    frame = replace(before, columns=computed(terms, before))
    heights = {term.height for term in terms.values()}
    if Height.OTHER in heights and Height.SAME not in heights:
        # Where one column keeps its rows, those of the others must be as many.
        resized = [origins(t, before) for t in terms.values() if t.height is Height.OTHER]
        frame = replace(frame, rows=merged(before.rows, through(merged(*resized), Way.FILTER)))
    return noting(frame, terms)


def _with_columns(step: Step, frames: Sequence[Frame]) -> Frame:
    (before,) = frames
    terms = step.terms(step.view.exprs)
    return noting(replace(before, columns={**before.columns, **computed(terms, before)}), terms)


def _projected(step: Step, frames: Sequence[Frame]) -> Frame:
    (before,) = frames
    return replace(before, columns={name: before.columns[name] for name in step.names})


def _filtered(step: Step, frames: Sequence[Frame]) -> Frame:
    (before,) = frames
    term = step.term(step.view.predicate)
    rows = merged(before.rows, through(origins(term, before), Way.FILTER, "filter"))
    return noting(replace(before, rows=rows), {"filter": term})


def _sorted(step: Step, frames: Sequence[Frame]) -> Frame:
    (before,) = frames
    terms = step.terms(step.view.by_column)
    by = merged(*computed(terms, before).values())
    return noting(replace(before, order=merged(through(by, Way.SORT), before.order)), terms)


def _sliced(_: Step, frames: Sequence[Frame]) -> Frame:
    (before,) = frames
    return replace(before, rows=merged(before.rows, through(before.order, Way.SORT, "limit")))


def _distinct(step: Step, frames: Sequence[Frame]) -> Frame:
    (before,) = frames
    keep, names, *_ = step.view.options
    by = merged(*(before.columns[name] for name in names or step.names))
    rows = merged(before.rows, through(by, Way.GROUP_BY, "unique"))
    if names is not None and keep != "none":  # which of several rows stays
        rows = merged(rows, through(before.order, Way.SORT, "unique"))
    return replace(before, rows=rows)


def _union(step: Step, frames: Sequence[Frame]) -> Frame:
    columns = {n: merged(*(frame.columns[n] for frame in frames)) for n in step.names}
    return together(frames, columns)


def _side_by_side(_: Step, frames: Sequence[Frame]) -> Frame:
    """Rows meet by their places."""
    frame = together(frames)
    return replace(frame, rows=merged(frame.rows, through(frame.order, Way.JOIN, "horizontal")))


def _merge_sorted(step: Step, frames: Sequence[Frame]) -> Frame:
    frame = _union(step, frames)
    keys = [step.view.key] if isinstance(step.view.key, str) else step.view.key
    by = merged(*(frame.columns[key] for key in keys))
    return replace(frame, order=merged(through(by, Way.SORT), frame.order))


def _mapped(step: Step, frames: Sequence[Frame]) -> Frame:
    """Steps that Polars calls functions of a frame."""
    (before,) = frames
    name, *about = step.view.function
    columns = dict(before.columns)
    match name:
        case "row_index":
            places = through(before.order, Way.SORT, name)
            return replace(before, columns={n: columns.get(n, places) for n in step.names})
        case "hint_sorted" | "rechunk":
            return before
        case "unnest":
            parts = merged(*(columns.pop(n) for n in about[0]))
            fields = through(parts, Way.TRANSFORMATION, name)
            return replace(before, columns={n: columns.get(n, fields) for n in step.names})
        case "explode":
            lists = {n: through(columns[n], Way.TRANSFORMATION, name) for n in about[0]}
            longer = through(merged(*lists.values()), Way.FILTER)  # as many rows as values
            rows = merged(before.rows, longer)
            return replace(before, columns={**columns, **lists}, rows=rows)
        case "unpivot":
            index, on, variable, value, *_ = about
            given = merged(*(columns[n] for n in on or columns if n not in index))
            kept = {n: columns[n] for n in index}
            return replace(before, columns={
                **kept, variable: (), value: through(given, Way.IDENTITY, name)
            })  # fmt: skip
    return hidden(step.names, frames, name)


def _other_file(step: Step, _: Sequence[Frame]) -> Frame:
    paths = [PurePath(str(path)).name for path in step.view.paths or ()]
    read = f"it reads {', '.join(paths) or 'a file'}, which is none of its inputs"
    return Frame(dict.fromkeys(step.names, ()), unseen=(read,))


def _other_source(step: Step, _: Sequence[Frame]) -> Frame:
    return Frame(dict.fromkeys(step.names, ()), unseen=("it reads what is none of its inputs",))


def _own_table(step: Step, _: Sequence[Frame]) -> Frame:
    read = f"it has a table of its own, with {', '.join(step.names) or 'no columns'}"
    return Frame(dict.fromkeys(step.names, ()), unseen=(read,))


def _same(_: Step, frames: Sequence[Frame]) -> Frame:
    return frames[0]


#: By the names of Polars' traverser. Joins and groups are in modules of their own.
SIMPLE: Mapping[str, Effect] = {
    "Select": _select,
    "HStack": _with_columns,
    "SimpleProjection": _projected,
    "Filter": _filtered,
    "Sort": _sorted,
    "Slice": _sliced,
    "Distinct": _distinct,
    "Union": _union,
    "HConcat": _side_by_side,
    "MergeSorted": _merge_sorted,
    "MapFunction": _mapped,
    "Cache": _same,
    "Scan": _other_file,
    "DataFrameScan": _own_table,
    "PythonScan": _other_source,
}
