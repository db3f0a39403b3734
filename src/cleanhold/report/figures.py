"""The picture of an audit's answer: from its chart, and the evidence, to SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from cleanhold.core.chart import Chart, ChartKind
from cleanhold.report.charts.distribution import distribution
from cleanhold.report.charts.history import history
from cleanhold.report.charts.interval import axis, interval, scale_of
from cleanhold.report.charts.timeline import timeline
from cleanhold.report.charts.total import total_bars
from cleanhold.report.numbers import span

#: Lines of a forest plot, the worst first.
_MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Figure:
    """Pictures of one answer.

    Attributes:
        caption: what the colours and lines mean.
        drawings: each with its heading, which may be empty.
        columns: headings where it is a table with pictures; `lines` its cells.
        foot: the axis of the pictures in the table.
        is_whole: it tells all of the evidence.
    """

    caption: str
    drawings: tuple[tuple[str, Markup], ...] = ()
    columns: tuple[str, ...] = ()
    lines: tuple[tuple[Any, ...], ...] = ()
    foot: Markup | None = None
    is_whole: bool = False


def figure_of(answer: Mapping[str, Any]) -> Figure | None:
    """The picture of an answer; None if there is none, or this version knows no such picture."""
    chart = answer.get("chart") or {}
    draw = _KINDS.get(chart.get("kind", ""))
    return draw(chart, answer.get("evidence") or {}) if draw else None


def _history(chart: Chart, _: Mapping[str, Any]) -> Figure:
    usual = "the band is what is usual" if chart["points"] else "there are none before it"
    return Figure(f"Records of this one, beside those before; {usual}.", (("", history(chart)),))


def _timeline(chart: Chart, _: Mapping[str, Any]) -> Figure:
    caption = f"Events per {span(chart['seconds'])}"
    caption += "; shaded: nothing happened, where events are usual." if chart["gaps"] else "."
    return Figure(caption, (("", timeline(chart)),))


def _distributions(chart: Chart, _: Mapping[str, Any]) -> Figure | None:
    drawn = tuple(
        (one["column"] + (f", {one['of']}" if one["of"] else ""), distribution(one))
        for one in chart["columns"]
        if one["parts"]
    )
    caption = "Share of the rows: grey is the baseline, blue this snapshot; the worst first."
    return Figure(caption, drawn) if drawn else None


def _intervals(chart: Chart, evidence: Mapping[str, Any]) -> Figure | None:
    wanted = ("column", "segment", "held %", "of others %", "points more", "from", "to")
    places = [evidence["columns"].index(name) for name in wanted]
    rows = [[row[place] for place in places] for row in evidence["rows"][:_MOST_LINES]]
    if not rows:
        return None
    limit = chart["limit"]
    across = scale_of([(row[4], row[5], row[6]) for row in rows], limit)
    lines = tuple(
        (f"{column} = {segment}", f"{held} %", f"{others} %",
         interval(f"{column} = {segment}", more, low, high, limit, across))
        for column, segment, held, others, more, low, high in rows
    )  # fmt: skip
    caption = (
        "How many points more each segment lost than all others, with its confidence interval; "
        f"the dashed line is what the contract allows, {limit:g}."
    )
    columns = ("segment", "held", "of others", "points more")
    return Figure(caption, columns=columns, lines=lines, foot=axis(limit, across))


def _totals(_: Chart, evidence: Mapping[str, Any]) -> Figure | None:
    rows: Sequence[Sequence[Any]] = evidence.get("rows", ())
    lines = tuple(
        (name, _written(expected), _written(found), _written(off), unread,
         total_bars(name, Decimal(expected), Decimal(found), is_off=bool(Decimal(off))))
        for name, expected, found, off, unread in rows
    )  # fmt: skip
    columns = ("total", "expected", "found", "off", "not read", "grey: expected")
    return Figure(
        "What its source says, and what it comes to.", columns=columns, lines=lines, is_whole=True
    )


def _written(number: str) -> str:
    return f"{Decimal(number):,f}"


_KINDS: dict[str, Callable[[Chart, Mapping[str, Any]], Figure | None]] = {
    ChartKind.HISTORY: _history,
    ChartKind.INTERVALS: _intervals,
    ChartKind.DISTRIBUTIONS: _distributions,
    ChartKind.TIMELINE: _timeline,
    ChartKind.TOTALS: _totals,
}
