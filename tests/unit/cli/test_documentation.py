"""docs/cli.md against the program."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from cleanhold.cli.main import app

TEXT = (Path(__file__).parents[3] / "docs" / "cli.md").read_text(encoding="utf-8")
GROUP: Any = typer.main.get_command(app)


def commands() -> list[tuple[str, Any]]:
    found = []
    for name, command in GROUP.commands.items():
        found.append((f"cleanhold {name}", command))
        for inner, subcommand in getattr(command, "commands", {}).items():
            found.append((f"cleanhold {name} {inner}", subcommand))
    return found


@pytest.mark.parametrize(("name", "command"), commands(), ids=lambda value: str(value)[:30])
def test_every_command_and_option_is_documented(name: str, command: Any) -> None:
    section = re.search(
        rf"^## `{re.escape(name)}[ `].*?(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL
    )
    assert section, f"docs/cli.md has no section for {name}"
    options = {o for p in command.params for o in p.opts if o.startswith("--")} - {"--help"}
    documented = set(re.findall(r"(?<![\w-])--[a-z]+(?:-[a-z]+)*", section.group()))
    assert options - {"--json", "--workspace"} <= documented
    assert documented <= options | {"--json", "--workspace"}, "documented, but it does not exist"


def test_exit_codes_are_documented() -> None:
    for code in ("| 0 |", "| 1 |", "| 2 |", "| 3 |", "| 130 |"):
        assert code in TEXT
