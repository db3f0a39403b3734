"""The examples that the help of a command shows work when they are pasted into the demo."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleanhold.cli import cases, quarantine, sheet

#: Commands in the order in which they make what the next ones need.
SHOWN = (
    quarantine.summary,
    quarantine.rows,
    quarantine.show,
    cases.cases,
    cases.case,
    quarantine.export,
    sheet.import_file,
)


def examples(command: Callable[..., Any]) -> list[list[str]]:
    found = re.findall(r"^`(cleanhold [^`]+)`$", (command.__doc__ or "").replace("    ", ""), re.M)
    return [shlex.split(each)[1:] for each in found]


def test_the_examples_of_the_quarantine(
    ran: Path, cleanhold: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ran)
    for command in SHOWN:
        given = examples(command)
        assert given, command.__name__
        for arguments in given:
            said = cleanhold(*arguments)
            assert said.code == 0, (arguments, said.err)
            assert "no such row" not in said.out, arguments
