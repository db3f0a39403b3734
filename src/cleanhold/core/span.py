"""Spans of time as people write them in settings and options."""

from __future__ import annotations

import re
from datetime import timedelta

_SECONDS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


def parse_span(text: str) -> float | None:
    """Seconds of `"90s"`, `"10m"`, `"10min"`, `"2h"` or `"0"`; None if it is no span of time."""
    found = re.fullmatch(r"\s*([0-9]{1,6}(?:\.[0-9]+)?)\s*(s|m|min|h)?\s*", text)
    if found is None or (found[2] is None and float(found[1])):
        return None
    return float(found[1]) * _SECONDS[found[2] or "s"]


def in_words(seconds: float) -> str:
    """`45 s`, `10 min`, `2 h 30 min`."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return " ".join(f"{n} {unit}" for n, unit in ((hours, "h"), (minutes, "min")) if n)


def in_days(span: timedelta) -> str:
    """`45 min`, `26 h`, `3 days`, `3 days 4 h`."""
    hours = round(span.total_seconds() / 3600)
    if hours < 2:
        return in_words(span.total_seconds())
    if hours < 48:
        return f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days:,} days" + (f" {hours} h" if hours and days < 10 else "")
