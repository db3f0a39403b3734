"""The texts that mean "no value" in all contracts of a workspace."""

from __future__ import annotations

import tomllib
from pathlib import Path

from cleanhold.errors import WorkspaceError


def workspace_nulls(root: Path) -> tuple[str, ...] | None:
    """What `nulls` under `[tool.cleanhold]` lists; None if it is not there.

    Read where contracts are loaded, so that a file is checked alike in a run, by `check` and by a
    guard.

    Args:
        root: folder with the pyproject.toml, if there is one.

    Raises:
        WorkspaceError: the file is not TOML, or what it lists are no texts.
    """
    file = root / "pyproject.toml"
    if not file.is_file():
        return None
    try:
        tools = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkspaceError(f"{file} is not valid TOML: {error}", next="mend that line") from error
    table = tools.get("cleanhold") if isinstance(tools, dict) else None
    given = table.get("nulls") if isinstance(table, dict) else None
    return None if given is None else texts(given, file)


def texts(given: object, file: Path) -> tuple[str, ...]:
    """A list of texts that a setting must be.

    Raises:
        WorkspaceError: it is something else.
    """
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise WorkspaceError(
            f"the setting 'nulls' must be a list of texts, not {given!r}",
            where=f"{file}, [tool.cleanhold]",
            next='write nulls = ["", "NULL", "N/A"]',
        )
    return tuple(dict.fromkeys(given))
