"""Files that a contract names: they lie beside it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from cleanhold.errors import ContractError


@dataclass(frozen=True, slots=True)
class Place:
    """Where a check or a parse rule is written.

    Attributes:
        file: a contract.
    """

    file: Path
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def place_of_call() -> Place:
    """Where the function that asks was called."""
    frame = sys._getframe(2)
    return Place(Path(frame.f_code.co_filename), frame.f_lineno)


def text_beside(place: Place, path: str | Path, called: str) -> str:
    """The text of a file.

    Args:
        path: relative to the file that names it.
        called: what it is, for the message.

    Raises:
        ContractError: it cannot be read, or is not UTF-8.
    """
    file = place.file.parent / path
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise ContractError(
            f"the {called} {file} cannot be read: {getattr(error, 'strerror', None) or error}",
            where=str(place),
            next="give a path relative to this file, of UTF-8 text",
        ) from error
