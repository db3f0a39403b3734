"""docs/online.md, run from top to bottom."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

GUIDE = Path(__file__).parents[3] / "docs" / "online.md"
TEXT = GUIDE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
PRINTED = re.findall(r"```text\n(.*?)```", TEXT, re.DOTALL)


def test_every_example_is_true(
    reference: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(reference)
    names: dict[str, Any] = {}
    assert len(BLOCKS) == 4
    exec(compile(BLOCKS[0], str(GUIDE), "exec"), names)
    assert [capsys.readouterr().out] == PRINTED
    assert names["verdict"].outcome == "held"
    assert eval(BLOCKS[1].strip(), names).startswith("duplicate_key: ")
    exec(compile(BLOCKS[2], str(GUIDE), "exec"), names)
    assert "unique" in {f.check for f in names["first"].findings}
    assert "in_range" in {f.check for f in names["second"].findings}
    exec(compile(BLOCKS[3], str(GUIDE), "exec"), names)
    assert "is compared within a batch" in capsys.readouterr().out
