"""docs/training_sets.md, run from top to bottom."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

GUIDE = Path(__file__).parents[3] / "docs" / "training_sets.md"
BLOCKS = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def test_every_example_is_true(
    ran: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ran)
    names: dict[str, Any] = {}
    assert len(BLOCKS) == 5
    for block in BLOCKS:
        exec(compile(block, str(GUIDE), "exec"), names)
    frame = names["frame"]
    assert (frame.height, frame.width) == (100, 6)
    assert frame["tenure_days"].null_count() == 0
    assert names["again"].frame.collect().equals(frame)
    (table,) = names["kept"].manifest.tables
    assert table.found == 100
    said = capsys.readouterr().out
    assert "pass none of 0 columns of dates or times is after event_time" in said
    assert "warn 10 of 50 rows of the test are in the training set by contact_id" in said
