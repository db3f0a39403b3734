"""A number as a part of a whole, small enough for a line of a table."""

from __future__ import annotations

from markupsafe import Markup

from cleanhold.report.charts.svg import box, drawing


def share_bar(part: float, whole: float, style: str, says: str) -> Markup:
    """A bar; something is never drawn as nothing."""
    width = 100 * min(part / whole, 1.0) if whole else 0.0
    filled = box(0, 0, max(width, 1.5) if part else 0.0, 8, style, says)
    return drawing(100, 8, "Share", says, [box(0, 0, 100, 8, "empty"), filled], "share")
