from __future__ import annotations

import io
import json
import re
import sys
from typing import Any

import pytest

from cleanhold.cli import output


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def lines(self) -> list[str]:
        """What it shows, without styles."""
        return re.sub(r"\x1b\[[0-9;]*m", "", self.getvalue()).splitlines()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Standard output as a terminal of some width; gives what it shows."""

    def make(width: int) -> Terminal:
        made = Terminal()
        monkeypatch.setattr(sys, "stdout", made)
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setenv("TERM", "xterm")
        return made

    return make


@pytest.mark.parametrize("text", ["\x1b[2J", "\x07", "a\rb", "\x9b31m", "\u202egnp.exe", "\x00"])
def test_no_value_drives_the_terminal(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    output.say(text)
    output.show_table(["a", ""], [[text, text]])
    assert not set(capsys.readouterr().out) & set("\x1b\x07\r\x9b\u202e\x00")


def test_line_ends_in_a_cell_do_not_break_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_table(["a", "b"], [["x\ny", 1], ["z", 22]])
    assert capsys.readouterr().out == "a      b\nx\\ny   1\nz     22\n"


def test_numbers_align_right_and_nothing_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_table(["name", "n", "x"], [["a", 1234567, None], ["bb", 5, "y"]])
    assert capsys.readouterr().out == (
        "name          n  x\n"
        "a     1,234,567\n"
        "bb            5  y\n"
    )  # fmt: skip


def test_an_empty_table_is_its_head(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_table(["name", "n"], [])
    assert capsys.readouterr().out == "name  n\n"


def test_lines_break_between_groups_then_words(terminal: Any) -> None:
    shown = terminal(40)
    output.say("published  crm.contacts   9 records = 8 clean + 1 held  (a_file.csv)", hang=11)
    assert shown.lines() == [
        "published  crm.contacts",
        "           9 records = 8 clean + 1 held",
        "           (a_file.csv)",
    ]


def test_words_are_never_broken(terminal: Any) -> None:
    shown = terminal(30)
    word = "0a616f314ad92d44fbd59a60b9d518fe5515b170"
    output.say(f"extract {word} landed")
    assert word in shown.lines()


def test_a_wide_table_wraps_its_last_column(terminal: Any) -> None:
    shown = terminal(48)
    output.show_table(
        ["name", "says"], [["first", "one two three four five six seven eight nine ten"]]
    )
    assert shown.lines() == [
        "name   says",
        "first  one two three four five six seven eight",
        "       nine ten",
    ]


def test_a_table_that_cannot_fit_becomes_blocks(terminal: Any) -> None:
    shown = terminal(30)
    output.show_table(["dataset", "check", "rows"], [["features.customer_churn", "premium", 1200]])
    assert shown.lines() == [
        "features.customer_churn",
        "  check    premium",
        "  rows     1,200",
    ]


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 0, "0 %"), (0, 9, "0 %"), (1, 100_000, "< 0.1 %"), (1, 3, "33.3 %"), (9, 9, "100.0 %")],
)
def test_share(part: int, whole: int, said: str) -> None:
    assert output.share(part, whole) == said


def test_json_is_json_whatever_the_values(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"nan": float("nan"), "inf": [float("-inf")], "bytes": b"\xff", "tuple": (1,), 3: None}
    output.emit_json(value)
    read = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert read == {"nan": "nan", "inf": ["-inf"], "bytes": "\\xff", "tuple": [1], "3": None}


def test_only_json_turns_other_output_away(capsys: pytest.CaptureFixture[str]) -> None:
    with output.only_json():
        print("noise")
        output.emit_json([])
    print("after")
    said = capsys.readouterr()
    assert said.out == "[]\nafter\n"
    assert said.err == "noise\n"
