"""Questions about a long history that nobody should ask, and what they are answered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .damages import DATASET

Cleanhold = Callable[..., Any]

# Command → exit code, and words of the answer.
QUESTIONS: dict[tuple[str, ...], tuple[int, str]] = {
    ("diff", DATASET, "2", "2"): (0, "same"),
    ("diff", DATASET, "2", "1"): (1, "removed"),
    ("diff", DATASET, "1", "99"): (2, "no snapshot 99"),
    ("diff", DATASET, "0", "1"): (2, "no snapshot 0"),
    ("diff", DATASET, "-1"): (2, ""),
    ("diff", "shop.nobody"): (2, "shop.nobody"),
    ("rollback", DATASET, "--to", "99", "--reason", "a try"): (2, "no published snapshot 99"),
    ("rollback", "shop.parts", "--to", "1", "--reason", "a try"): (2, "already"),
    ("rollback", DATASET, "--to", "1", "--reason", " "): (2, "needs a reason"),
    ("rollback", "shop.nobody", "--to", "1", "--reason", "a try"): (2, ""),
    ("runs", DATASET, "-n", "1"): (0, DATASET),
    ("runs", "shop.nobody"): (2, "shop.nobody"),
    ("snapshots", "shop.nobody"): (2, "shop.nobody"),
    ("verify", "shop.nobody"): (2, "no snapshot to verify"),
    ("replay", "-d", "shop.nobody"): (2, "no contract"),
}


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_odd_questions(decided: Path, cleanhold: Cleanhold, question: tuple[str, ...]) -> None:
    code, words = QUESTIONS[question]
    said = cleanhold(*question, "-w", decided)
    assert said.code == code, said.out + said.err
    assert words in said.out + said.err
