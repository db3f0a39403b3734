"""A count beside those before it, with the band of what is usual."""

from __future__ import annotations

from markupsafe import Markup

from cleanhold.core.chart import Chart
from cleanhold.report.charts.svg import Scale, box, dot, drawing, label, line, ticks
from cleanhold.report.numbers import count, short

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 460, 190, 46, 12, 14, 28


def history(chart: Chart) -> Markup:
    """Bars of the counts before, the band of what is usual, and the count that is judged."""
    points, (day, now) = chart["points"], chart["now"]
    low, high = chart["usual"]
    most = max(now, high or 0, *(rows for _, rows in points)) or 1
    up = Scale(0, most * 1.08, _HEIGHT - _BOTTOM, _TOP)
    across = Scale(0, len(points) + 1, _LEFT, _WIDTH - _RIGHT)
    width = (across(1) - across(0)) * 0.7
    inside = low <= now and (high is None or now <= high)
    top = up(up.high if high is None else high)
    parts = [box(_LEFT, top, _WIDTH - _RIGHT - _LEFT, up(low) - top, "band",
                 f"usual: {_usual(low, high)}")]  # fmt: skip
    for tick in ticks(0, most):
        parts += [line(_LEFT, up(tick), _WIDTH - _RIGHT, up(tick), "grid" if tick else "axis"),
                  label(_LEFT - 6, up(tick) + 4, short(tick), anchor="end")]  # fmt: skip
    for n, (when, rows) in enumerate(points):
        x = across(n + 0.5) - width / 2
        parts.append(box(x, up(rows), width, up(0) - up(rows), "before", f"{when}: {count(rows)}"))
    end = across(len(points) + 0.5)
    style = "now" if inside else "now stop"
    parts += [
        box(end - width / 2, up(now), width, up(0) - up(now), style, f"{day}: {count(now)}"),
        dot(end, up(now), 5, f"point {'' if inside else 'stop'}", f"{day}: {count(now)}"),
        label(_LEFT, _HEIGHT - 8, points[0][0] if points else ""),
        label(_WIDTH - _RIGHT, _HEIGHT - 8, day, anchor="end"),
    ]
    says = f"{count(now)} on {day}; usual are {_usual(low, high)}; {len(points)} before it"
    return drawing(_WIDTH, _HEIGHT, "Records, beside those before", says, parts)


def _usual(low: float, high: float | None) -> str:
    return f"at least {count(low)}" if high is None else f"{count(low)} to {count(high)}"
