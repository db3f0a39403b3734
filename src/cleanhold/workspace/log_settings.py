"""`[tool.cleanhold.anchor]` and `[tool.cleanhold.signing]`: what makes forging hard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleanhold.core.anchoring import Anchoring
from cleanhold.errors import WorkspaceError
from cleanhold.store.signing import require_public
from cleanhold.workspace.known import require_known


@dataclass(frozen=True, slots=True)
class Signing:
    """`[tool.cleanhold.signing]`.

    Attributes:
        public_keys: readers ask for the signature of one of these; of nobody if there is none.
        private_key: file of the key that runs sign with; empty for none.
    """

    public_keys: tuple[str, ...] = ()
    private_key: str = ""


def anchoring_of(table: object, root: Path, file: Path) -> Anchoring:
    """What `[tool.cleanhold.anchor]` says.

    Args:
        table: as TOML has it; empty notes nothing outside.
        root: of the workspace, where a relative path begins.
        file: for messages.

    Raises:
        WorkspaceError: it sets something unknown, or to something that it cannot be.
    """
    where = f"{file}, [tool.cleanhold.anchor]"
    given = _table(table, "anchor", ("file", "command"), where)
    text = _text(given.get("file", ""), "file", where)
    path = str(root / Path(text).expanduser()) if text else ""
    return Anchoring(path, _texts(given.get("command", []), "command", where))


def signing_of(table: object, root: Path, file: Path) -> Signing:
    """What `[tool.cleanhold.signing]` says; see `anchoring_of`."""
    where = f"{file}, [tool.cleanhold.signing]"
    given = _table(table, "signing", ("public_keys", "private_key"), where)
    keys = _texts(given.get("public_keys", []), "public_keys", where)
    text = _text(given.get("private_key", ""), "private_key", where)
    path = str(root / Path(text).expanduser()) if text else ""
    return Signing(tuple(require_public(key, where) for key in keys), path)


def _table(value: object, name: str, known: tuple[str, ...], where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise WorkspaceError(f"`{name}` must be a table, not {value!r}", where=where)
    for setting in value:
        require_known(setting, known, where)
    return value


def _text(value: object, name: str, where: str) -> str:
    if isinstance(value, str):
        return value
    raise WorkspaceError(
        f"the setting {name!r} must be a text, not {value!r}", where=where, next=f'{name} = "…"'
    )


def _texts(value: object, name: str, where: str) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(text, str) for text in value):
        return tuple(value)
    raise WorkspaceError(
        f"the setting {name!r} must be a list of texts, not {value!r}",
        where=where,
        next=f'{name} = ["…"]',
    )
