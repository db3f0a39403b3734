from __future__ import annotations

from pathlib import Path

import pytest

from cleanhold.core.limits import Limits, parse_seconds, parse_size
from cleanhold.errors import WorkspaceError
from cleanhold.workspace.settings import limits_near, read_settings


@pytest.mark.parametrize(
    ("text", "size"),
    [("20GB", 20 * 10**9), ("512 MiB", 512 << 20), ("1.5kb", 1500), ("1000", 1000), (7, 7),
     ("7 B", 7), ("20 G", None), ("-1", None), ("GB", None), ("1e9", None), ("", None)],
)  # fmt: skip
def test_sizes(text: str | int, size: int | None) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("5 min", 300), ("1d", 86400), ("30", None), ("s", None)]
)
def test_durations(text: str, seconds: float | None) -> None:
    assert parse_seconds(text) == seconds


def settings(folder: Path, limits: str) -> Path:
    (folder / "pyproject.toml").write_text(f"[tool.cleanhold]\n{limits}\n")
    return folder


def test_a_workspace_sets_its_limits(tmp_path: Path) -> None:
    table = '[tool.cleanhold.limits]\nunpacked = "40GB"\nratio = 500\ndelivery = 123'
    (tmp_path / "below").mkdir()
    expected = Limits(delivery=123, unpacked=40 * 10**9, ratio=500)
    assert read_settings(settings(tmp_path, table)).limits == expected
    assert limits_near(tmp_path / "below") == expected
    assert read_settings(settings(tmp_path, 'name = "x"')).limits == Limits()


def test_without_a_workspace_the_defaults_apply(tmp_path: Path) -> None:
    assert limits_near(tmp_path) == Limits()


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("limits = 5", "must be a table"),
        ("[tool.cleanhold.limits]\nunpaked = 5", "unknown setting 'unpaked'"),
        ('[tool.cleanhold.limits]\nunpacked = "much"', "cannot be 'much'"),
        ('[tool.cleanhold.limits]\nratio = "200"', "cannot be '200'"),
        ("[tool.cleanhold.limits]\nmembers = true", "cannot be True"),
        ("[tool.cleanhold.limits]\nmembers = 0", "cannot be 0"),
        ("[tool.cleanhold.limits]\nratio = 1.5", "cannot be 1.5"),
    ],
)
def test_limits_that_mean_nothing(tmp_path: Path, table: str, says: str) -> None:
    with pytest.raises(WorkspaceError, match=says):
        read_settings(settings(tmp_path, table))
