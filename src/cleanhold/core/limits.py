"""How much a delivery may be, and how it is to be taken."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import Any

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
          "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}  # fmt: skip

_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}


def parse_size(text: str | int) -> int | None:
    """Bytes that a size such as `20GB`, `512 MiB` or `1000` means; None if it means nothing."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?I?B?)\s*", str(text), re.IGNORECASE)
    unit = found[2].upper() if found else ""
    if found is None or unit not in _UNITS:
        return None
    return int(float(found[1]) * _UNITS[unit]) if "." in found[1] else int(found[1]) * _UNITS[unit]


def parse_seconds(text: str) -> float | None:
    """Seconds that a duration such as `30s`, `5 min` or `2h` means; None if it means nothing."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(s|m|min|h|d)\s*", text)
    return float(found[1]) * _SECONDS[found[2]] if found else None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one delivery may be at most: `[tool.cleanhold.limits]`.

    Attributes:
        delivery: bytes as it comes.
        unpacked: bytes that come out of a compressed delivery, all members and layers together.
        ratio: how many times its own size may come out of it; it does not apply to the first
            64 MiB.
        members: files in an archive.
    """

    delivery: int = 100 * 10**9
    unpacked: int = 10 * 10**9
    ratio: int = 100
    members: int = 1000


#: What may come out of any compressed delivery, whatever its ratio: short runs of one byte
#: compress a thousandfold and harm nobody.
UNPACKED_ANYWAY = 64 << 20

#: Counts up when landing begins to take what it did not take before.
RULES = 1


@dataclass(frozen=True, slots=True)
class Terms:
    """How a delivery is to be taken.

    Attributes:
        compression: `detect`: by its first bytes; `none`: it is taken as it is.
        members: shell pattern of the members of an archive that are extracts.
    """

    limits: Limits = field(default_factory=Limits)
    compression: str = "detect"
    members: str = "*"

    def as_dict(self) -> dict[str, Any]:
        """JSON values; the same values give the same result for the same bytes."""
        return {"rules": RULES, **asdict(self)}
