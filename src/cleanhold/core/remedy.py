"""Remedies: corrections that have a name, so that a contract can let them happen by themselves."""

from __future__ import annotations

from enum import StrEnum


class Remedy(StrEnum):
    """What corrects a value knowing no more than the value and its contract; in this order."""

    MOJIBAKE = "mojibake"
    WIDTH = "width"
    TRIM = "trim"
    WRITING = "writing"
    NEAREST = "nearest"

    @property
    def does(self) -> str:
        """What it does, in words."""
        return _DOES[self]

    @property
    def looks_up(self) -> bool:
        """Whether it takes a value from those that are allowed."""
        return self in (Remedy.WRITING, Remedy.NEAREST)


_DOES = {
    Remedy.MOJIBAKE: "mend text that was decoded with the wrong encoding",
    Remedy.WIDTH: "narrow wide characters",
    Remedy.TRIM: "remove blanks",
    Remedy.WRITING: "take the known value that is the same but for its writing",
    Remedy.NEAREST: "take the nearest known value",
}
