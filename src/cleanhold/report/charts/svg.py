"""SVG as text: elements with their attributes and texts escaped, axes, and where numbers lie."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

from cleanhold.report.safe import plain

#: Characters of a label.
_LONGEST = 60


def tag(name: str, *inside: Markup | str, **attributes: object) -> Markup:
    """An element; `class_` is the attribute `class`, `text_anchor` is `text-anchor`."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_short(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    body = Markup("").join(
        part if isinstance(part, Markup) else escape(plain(part, _LONGEST)) for part in inside
    )
    return Markup(f"<{name}{given}>{body}</{name}>")


def _short(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def drawing(
    width: int, height: int, title: str, says: str, parts: Iterable[Markup], class_: str = "chart"
) -> Markup:
    """A picture with words for people who do not see it.

    Args:
        title: what it is a picture of; `says` what can be seen in it.
    """
    return tag(
        "svg",
        tag("title", title),
        tag("desc", Markup(escape(plain(says)))),
        *parts,
        class_=class_,
        viewBox=f"0 0 {width} {height}",
        role="img",
        aria_label=f"{plain(title, 200)}: {plain(says, 400)}",
        xmlns="http://www.w3.org/2000/svg",
    )


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    """A straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def box(x: float, y: float, width: float, height: float, class_: str, told: str = "") -> Markup:
    """A rectangle; `told` is shown where a pointer rests on it."""
    inside = [tag("title", told)] if told else []
    return tag(
        "rect", *inside, x=x, y=y, width=max(width, 0.0), height=max(height, 0.0), class_=class_
    )


def dot(x: float, y: float, radius: float, class_: str, told: str = "") -> Markup:
    """A point; `told` is shown where a pointer rests on it."""
    inside = [tag("title", told)] if told else []
    return tag("circle", *inside, cx=x, cy=y, r=radius, class_=class_)


def label(x: float, y: float, text: str, class_: str = "", anchor: str = "start") -> Markup:
    """A short text; longer ones are cut."""
    return tag("text", text, x=x, y=y, class_=class_ or None, text_anchor=anchor)


@dataclass(frozen=True, slots=True)
class Scale:
    """Numbers from `low` to `high` along a line from `start` to `end`; what is beyond is cut."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        span = self.high - self.low
        part = (min(max(value, self.low), self.high) - self.low) / span if span else 0.5
        return self.start + part * (self.end - self.start)


def ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Round numbers from `low` to `high`, at most about so many."""
    if not high > low:
        return [low]
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough)
    first = math.ceil(low / step - 1e-9)
    return [n * step for n in range(first, math.floor(high / step + 1e-9) + 1)]
