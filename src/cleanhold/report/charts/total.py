"""What was expected beside what was found, small enough for a line of a table."""

from __future__ import annotations

from decimal import Decimal

from markupsafe import Markup

from cleanhold.report.charts.svg import Scale, box, drawing, line

_WIDTH, _HEIGHT = 160, 22


def total_bars(name: str, expected: Decimal, found: Decimal, *, is_off: bool) -> Markup:
    """Two bars from nothing; a negative one goes to the left."""
    low, high = min(expected, found, Decimal()), max(expected, found, Decimal())
    across = Scale(0.0, 1.0, 0.0, _WIDTH)
    whole = high - low

    def place(value: Decimal) -> float:
        return across(float((value - low) / whole)) if whole else 0.0

    bars = [
        box(min(place(v), place(Decimal())), y, abs(place(v) - place(Decimal())), 8, style, told)
        for v, y, style, told in (
            (expected, 2, "before", f"expected {expected:,f}"),
            (found, 12, "now stop" if is_off else "now", f"found {found:,f}"),
        )
    ]
    zero = line(place(Decimal()), 0, place(Decimal()), _HEIGHT, "axis")
    says = f"expected {expected:,f}, found {found:,f}"
    return drawing(_WIDTH, _HEIGHT, name, says, [*bars, zero], "interval")
