"""Personal values out of sight: what every view of held rows goes through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cleanhold.core.contract import EXTRA, MASK, Contract, Unknown


@dataclass(frozen=True, slots=True)
class Personal:
    """Which values of a dataset are personal.

    Attributes:
        names: names under which they may stand, reduced to letters and digits.
        patterns: of columns whose names are patterns.
        all: every value is, for nobody can tell.
    """

    names: frozenset[str] = frozenset()
    patterns: tuple[re.Pattern[str], ...] = ()
    all: bool = False

    @property
    def none(self) -> bool:
        """No column is personal."""
        return not (self.names or self.patterns or self.all)

    def has(self, column: str | None) -> bool:
        """Whether a column, as delivered or as in the contract, is to be masked."""
        if self.all:
            return True
        if column is None:
            return False
        return _plain(column) in self.names or any(p.fullmatch(column) for p in self.patterns)

    def masked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A row's values with the personal ones replaced; nulls stay, they tell nothing."""
        return {
            name: MASK if value is not None and self.has(name) else value
            for name, value in values.items()
        }


def personal(contract: Contract | None) -> Personal:
    """What is personal under a contract; everything if there is none to tell."""
    if contract is None:
        return Personal(all=True)
    plain = [column for column in contract.personal if not column.regex]
    names = [_plain(name) for column in plain for name in (column.name, *column.source)]
    if contract.unknown is Unknown.KEEP:
        names.append(_plain(EXTRA))  # nobody has said what is in it
    patterns = [column.name for column in contract.personal if column.regex]
    patterns += [column.source_matches for column in plain if column.source_matches]
    return Personal(frozenset(names), tuple(map(re.compile, patterns)))


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()
