from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from cleanhold.core.source import Source
from cleanhold.deliveries.finished import Finished
from cleanhold.deliveries.places import place_of, place_problem
from cleanhold.errors import SourceError
from cleanhold.readers import delimited


def waiting(root: Path, **options: str) -> list[str]:
    source = Source("s", "in", reader=delimited(), **options)  # type: ignore[arg-type]
    return [delivery.name for delivery in place_of(source).waiting(root, lambda: iter(()))]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for name in ("a.csv", "b.csv", "c.csv.part", ".d.csv", "e.tmp", "f.csv.filepart"):
        (tmp_path / "in" / name).write_text("x")
    (tmp_path / "in/folder.csv").mkdir()
    return tmp_path


def test_names_of_unfinished_files(inbox: Path) -> None:
    assert waiting(inbox) == ["a.csv", "b.csv"]


@pytest.mark.parametrize("done", ["{name}.done", "{stem}.ok"])
def test_a_marker_for_each(inbox: Path, done: str) -> None:
    assert waiting(inbox, done=done) == []
    (inbox / "in" / done.format(name="b.csv", stem="b")).touch()
    assert waiting(inbox, done=done) == ["b.csv"]


def test_a_marker_for_all(inbox: Path) -> None:
    assert waiting(inbox, done="_SUCCESS") == []
    (inbox / "in/_SUCCESS").touch()
    assert waiting(inbox, done="_SUCCESS") == ["a.csv", "b.csv"]


def test_what_has_settled(inbox: Path) -> None:
    assert waiting(inbox, settled="30s") == []
    before = time.time() - 31
    os.utime(inbox / "in/a.csv", (before, before))
    assert waiting(inbox, settled="30s") == ["a.csv"]
    ahead = time.time() + 10**8
    os.utime(inbox / "in/b.csv", (ahead, ahead))
    assert waiting(inbox, settled="30s") == ["a.csv"]
    time.sleep(0.02)
    assert waiting(inbox, settled="0.01s") == ["a.csv", "b.csv"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"settled": "soon"}, "no duration"),
        ({"done": "../{name}"}, "no file name"),
        ({"done": "{other}.ok"}, "no file name"),
    ],
)
def test_rules_that_mean_nothing(inbox: Path, options: dict[str, str], says: str) -> None:
    with pytest.raises(SourceError, match=says):
        waiting(inbox, **options)


def test_durations() -> None:
    assert Finished.when("5min", "", "").settled == Finished.when("300 s", "", "").settled == 300
    assert Finished.when("1.5h", "", "").settled == 5400


def test_places_that_are_none(inbox: Path) -> None:
    for arrives in ([], [1], ()):
        with pytest.raises(SourceError, match="is no place"):
            place_of(Source("s", arrives, reader=delimited()))  # type: ignore[arg-type]
    problem = place_problem(Source("s", "gone", reader=delimited()), inbox)
    assert problem is not None
    assert "does not exist" in problem.what
    assert place_problem(Source("s", "in", reader=delimited()), inbox) is None
