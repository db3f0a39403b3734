"""The rows of one column by part, before and now, side by side."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from cleanhold.core.chart import Chart
from cleanhold.report.charts.svg import Scale, box, drawing, label, line, tag
from cleanhold.report.numbers import share

_WIDTH, _LEFT = 320, 12

#: Height of a histogram; of one value of a list, and characters of its name.
_HEIGHT, _LINE, _LONGEST = 130, 30, 34


def distribution(chart: Chart) -> Markup:
    """A histogram where the parts are in an order, else a list of values."""
    before, now = (_shares(chart[name]) for name in ("before", "now"))
    most = max(*before, *now, 0.0) or 1.0
    title = f"{chart['column']}{', ' + chart['of'] if chart['of'] else ''}: before and now"
    says = _moved(chart["parts"], before, now)
    if chart["ordered"]:
        parts = _histogram(chart["parts"], before, now, most)
        return drawing(_WIDTH, _HEIGHT, title, says, parts)
    height = _LINE * len(before) + 4
    return drawing(_WIDTH, height, title, says, _listed(chart["parts"], before, now, most))


def _shares(rows: Sequence[int]) -> list[float]:
    whole = sum(rows)
    return [count / whole if whole else 0.0 for count in rows]


def _moved(parts: Sequence[str], before: Sequence[float], now: Sequence[float]) -> str:
    """The part whose share moved most."""
    by = [abs(b - a) for a, b in zip(before, now, strict=True)]
    if not by:
        return "no rows"
    worst = by.index(max(by))
    return f"{parts[worst]}: {share(now[worst], 1)} of the rows, was {share(before[worst], 1)}"


def _histogram(
    parts: Sequence[str], before: Sequence[float], now: Sequence[float], most: float
) -> list[Markup]:
    up = Scale(0, most, _HEIGHT - 22, 8)
    across = Scale(0, len(before), _LEFT, _WIDTH - _LEFT)
    step = across(1) - across(0)
    found = []
    for n, (was, is_) in enumerate(zip(before, now, strict=True)):
        told = f"{parts[n]}: {share(is_, 1)}, was {share(was, 1)}"
        found.append(box(across(n) + step * 0.06, up(was), step * 0.88, up(0) - up(was),
                         "before", told))  # fmt: skip
    corners = [f"{across(0):.1f},{up(0):.1f}"]
    for n, is_ in enumerate(now):
        corners += [f"{across(n):.1f},{up(is_):.1f}", f"{across(n + 1):.1f},{up(is_):.1f}"]
    corners.append(f"{across(len(now)):.1f},{up(0):.1f}")
    found += [
        tag("polyline", points=" ".join(corners), class_="outline"),
        line(_LEFT, up(0), _WIDTH - _LEFT, up(0), "axis"),
        label(_LEFT, _HEIGHT - 6, parts[0].split(" to ")[0]),
    ]
    if len(parts) > 1:
        last = parts[-1].split(" to ")[-1]
        found.append(label(_WIDTH - _LEFT, _HEIGHT - 6, last, anchor="end"))
    return found


def _listed(
    parts: Sequence[str], before: Sequence[float], now: Sequence[float], most: float
) -> list[Markup]:
    across = Scale(0, most, 0, _WIDTH - 2 * _LEFT)
    found = []
    for n, (name, was, is_) in enumerate(zip(parts, before, now, strict=True)):
        y, told = _LINE * n, f"{name}: {share(is_, 1)}, was {share(was, 1)}"
        cut = name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
        found += [
            label(_LEFT, y + 12, cut or "''"),
            label(_WIDTH - _LEFT, y + 12, share(is_, 1), anchor="end"),
            box(_LEFT, y + 16, across(was), 5, "before", told),
            box(_LEFT, y + 21, across(is_), 5, "now", told),
        ]
    return found
