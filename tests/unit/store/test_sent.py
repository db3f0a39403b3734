"""Which events a destination has not: found without a look at all that it has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cleanhold.store.sent import SentEvents


@pytest.fixture
def kept(tmp_path: Path) -> SentEvents:
    """Two days of long ago; it has all but what it refused on the second."""
    kept = SentEvents(tmp_path / "marks", tmp_path / "events")
    for day in ("2025-01-01", "2025-01-02"):
        for name in ("a", "b"):
            kept.has(event(tmp_path, day, name))
    kept.refused(event(tmp_path, "2025-01-02", "c"), "too long")
    for folder in tmp_path.glob("*/*"):
        os.utime(folder, (1.7e9, 1.7e9))
    return kept


def event(root: Path, day: str, name: str) -> Path:
    path = root / "events" / day / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    return path


def test_days_of_which_it_has_all_are_not_listed_again(
    kept: SentEvents, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kept.count() == 0
    listed: list[str] = []
    iterdir = Path.iterdir

    def seen(folder: Path) -> Iterator[Path]:
        listed.append(folder.name)
        return iterdir(folder)

    monkeypatch.setattr(Path, "iterdir", seen)
    assert kept.count() == 0
    assert listed == ["events"]
    event(tmp_path, "2025-01-01", "late")
    assert [path.stem for path, _ in kept.waiting()] == ["late"]
    assert "2025-01-02" not in listed


def test_what_waits_again_is_found_in_a_day_that_was_done(kept: SentEvents) -> None:
    assert kept.count() == 0
    kept.forget_refusals()
    assert [path.stem for path, _ in kept.waiting()] == ["c"]


def test_a_day_that_has_just_changed_is_looked_at_again(kept: SentEvents, tmp_path: Path) -> None:
    kept.has(event(tmp_path, "2025-01-03", "a"))
    day = tmp_path / "events" / "2025-01-03"
    before = day.stat().st_mtime_ns
    assert kept.count() == 0
    event(tmp_path, "2025-01-03", "b")
    os.utime(day, ns=(before, before))  # of the same tick of the clock
    assert kept.count() == 1
