"""Versions of contracts: numbers and dots."""

from __future__ import annotations

from enum import StrEnum
from itertools import zip_longest


class Raised(StrEnum):
    """Which part of a version went up, most important first."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"
    NOT = "not raised"
    UNKNOWN = "unknown"  # a version that is not numbers and dots, or one that went down


def part_raised(before: str, after: str) -> Raised:
    """Which part of a version went up from one to another."""
    if before == after:
        return Raised.NOT
    try:
        old, new = ([int(part) for part in version.split(".")] for version in (before, after))
    except ValueError:
        return Raised.UNKNOWN
    parts = (Raised.MAJOR, Raised.MINOR, Raised.PATCH)
    for place, (was, is_) in enumerate(zip_longest(old, new, fillvalue=0)):
        if was != is_:
            return parts[min(place, 2)] if is_ > was else Raised.UNKNOWN
    return Raised.NOT
