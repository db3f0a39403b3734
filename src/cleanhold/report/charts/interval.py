"""Differences with their confidence intervals, one line each: a forest plot."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from cleanhold.report.charts.svg import Scale, dot, drawing, label, line, ticks

_WIDTH, _HEIGHT = 260, 22


def scale_of(rows: Sequence[tuple[float, float, float]], limit: float) -> Scale:
    """Where the (estimate, low, high) of all lines have room, and the limit."""
    low = min(0.0, *(low for _, low, _ in rows))
    high = max(limit, *(high for _, _, high in rows))
    room = 0.04 * (high - low)
    return Scale(low - room, high + room, 6, _WIDTH - 6)


def interval(
    name: str, estimate: float, low: float, high: float, limit: float, across: Scale
) -> Markup:
    """One line: the estimate, its interval, nothing and the limit."""
    style = "stop" if low > limit else "warn" if estimate > limit and low > 0 else ""
    middle = _HEIGHT / 2
    says = f"{estimate:+.1f} points ({low:+.1f} to {high:+.1f}), at most {limit:g}"
    parts = [
        line(across(0), 0, across(0), _HEIGHT, "axis"),
        line(across(limit), 0, across(limit), _HEIGHT, "limit"),
        line(across(low), middle, across(high), middle, f"range {style}"),
        line(across(low), middle - 4, across(low), middle + 4, f"range {style}"),
        line(across(high), middle - 4, across(high), middle + 4, f"range {style}"),
        dot(across(estimate), middle, 4.5, f"point {style}", says),
    ]
    return drawing(_WIDTH, _HEIGHT, name, says, parts, "interval")


def axis(limit: float, across: Scale) -> Markup:
    """The numbers under all lines."""
    marks = [label(across(t), 12, f"{t:+g}" if t else "0", anchor="middle")
             for t in ticks(across.low, across.high, 5)]  # fmt: skip
    says = f"points more than of the others; the contract allows {limit:g}"
    return drawing(_WIDTH, 16, "Axis", says, marks, "interval")
