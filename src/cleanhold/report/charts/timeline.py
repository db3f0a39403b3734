"""Events on a line of time, and the gaps where some are usual."""

from __future__ import annotations

from datetime import datetime, timedelta

from markupsafe import Markup

from cleanhold.core.chart import Chart
from cleanhold.report.charts.svg import Scale, box, drawing, label, line, ticks
from cleanhold.report.numbers import count, short, span

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 460, 150, 46, 12, 12, 28


def timeline(chart: Chart) -> Markup:
    """Bars of the events by span of time; gaps are shaded."""
    counts, step = chart["counts"], timedelta(seconds=chart["seconds"])
    start = datetime.fromisoformat(chart["start"])
    most = max(counts) or 1
    up = Scale(0, most * 1.05, _HEIGHT - _BOTTOM, _TOP)
    across = Scale(0, len(counts), _LEFT, _WIDTH - _RIGHT)
    parts = []
    for tick in ticks(0, most, 3):
        parts += [line(_LEFT, up(tick), _WIDTH - _RIGHT, up(tick), "grid" if tick else "axis"),
                  label(_LEFT - 6, up(tick) + 4, short(tick), anchor="end")]  # fmt: skip
    width = across(1) - across(0)
    for n, events in enumerate(counts):
        told = f"{_told(start + n * step)}: {count(events)}"
        parts.append(box(across(n), up(events), width * 0.9, up(0) - up(events), "now", told))
    for since, until in chart["gaps"]:
        ends = [across((datetime.fromisoformat(at) - start) / step) for at in (since, until)]
        told = f"nothing from {_told(since)} to {_told(until)}"
        left = min(ends[0], ends[1] - 2)  # however short, it can be seen
        parts.append(box(left, _TOP, ends[1] - left, up(0) - _TOP, "gap", told))
    last = start + (len(counts) - 1) * step
    parts += [label(_LEFT, _HEIGHT - 8, f"{start:%F}"),
              label(_WIDTH - _RIGHT, _HEIGHT - 8, f"{last:%F}", anchor="end")]  # fmt: skip
    gaps = f"; {len(chart['gaps'])} gaps" if chart["gaps"] else ""
    says = f"{count(sum(counts))} events from {start:%F} to {last:%F}{gaps}"
    return drawing(_WIDTH, _HEIGHT, f"Events per {span(chart['seconds'])}", says, parts)


def _told(at: datetime | str) -> str:
    found = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{found:%F %H:%M}".removesuffix(" 00:00")
