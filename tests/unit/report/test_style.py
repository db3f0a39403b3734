"""The style sheet: everything that is written can be read, by day and by night."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cleanhold.report

TEMPLATES = Path(cleanhold.report.__path__[0]) / "templates"


def colours_of(file: str) -> list[dict[str, str]]:
    """By day and by night: name → colour."""
    style = (TEMPLATES / file).read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]
    return [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in blocks]


DAY, NIGHT = colours_of("style.css")


def luminance(colour: str) -> float:
    """Relative luminance; WCAG 2.2."""
    parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted(map(luminance, (one, other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colours", [DAY, NIGHT], ids=["day", "night"])
@pytest.mark.parametrize(
    ("text", "behind"),
    [
        *((text, behind) for text in ("ink", "quiet", "link") for behind in ("page", "card")),
        ("ink", "code"),
        *((verdict, f"{verdict}-bg") for verdict in ("pass", "warn", "stop")),
        *(("ink", f"{verdict}-bg") for verdict in ("pass", "warn", "stop")),
    ],
)
def test_texts_stand_out(colours: dict[str, str], text: str, behind: str) -> None:
    assert contrast(colours[text], colours[behind]) >= 4.5


@pytest.mark.parametrize("colours", [DAY, NIGHT], ids=["day", "night"])
@pytest.mark.parametrize("mark", ["now", "refused", "held", "axis"])
def test_marks_of_pictures_can_be_seen(colours: dict[str, str], mark: str) -> None:
    least = 3 if mark != "held" else 2.2  # beside green and red it must stay amber
    assert contrast(colours[mark], colours["card"]) >= least


def test_both_have_the_same_colours() -> None:
    assert DAY.keys() == NIGHT.keys() | ({"grid"} - NIGHT.keys())


@pytest.mark.parametrize("colours", colours_of("graph/style.css"), ids=["day", "night"])
def test_texts_of_the_lineage_graph_stand_out(colours: dict[str, str]) -> None:
    pairs = [
        *((text, "card") for text in ("ink", "quiet", "link", "decides", "dataset", "feature")),
        *((text, behind) for text in ("ink", "quiet") for behind in ("page", "code", "values-bg")),
        ("pact", "card"), ("ink", "decides-bg"), ("card", "values"),
        *((name, f"{name}-bg") for name in ("pass", "warn")),
    ]  # fmt: skip
    assert not [(a, b) for a, b in pairs if contrast(colours[a], colours[b]) < 4.5]
