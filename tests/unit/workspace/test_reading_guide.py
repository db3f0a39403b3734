"""docs/reading.md, run from top to bottom."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

GUIDE = Path(__file__).parents[3] / "docs" / "reading.md"
BLOCKS = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def test_every_example_is_true(
    reference: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(reference)
    names: dict[str, Any] = {}
    assert len(BLOCKS) >= 8
    for block in BLOCKS:
        exec(compile(block, str(GUIDE), "exec"), names)
    assert len(names["table"]) == 1057
    assert names["few"].columns == ["contact_id", "tenure_days"]
    assert names["again"].collect().equals(names["churn"].collect())
    assert names["churn_model"].collect_schema().names()[:2] == ["contact_id", "country"]
    assert names["narrow"].collect_schema().names() == ["contact_id", "country"]
    assert "-" in names["row_id"]
    account = names["newest"].account
    assert account.records == account.clean + account.held + account.refused
    assert names["candidate"].collect().height == 1057
    assert names["frame"].collect().height == 1057
    assert "there are 2 (production)" in capsys.readouterr().out
