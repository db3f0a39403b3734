"""Where the end of the audit log is noted outside the workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Anchoring:
    """`[tool.cleanhold.anchor]`.

    Attributes:
        file: to which a line is appended; empty for none.
        command: that gets the line on its standard input, as a program and its arguments; empty
            for none.
    """

    file: str = ""
    command: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For the audit log: of the command its name alone, for arguments may be secrets."""
        return {"file": self.file, "command": self.command[:1]}
