"""What a contract, and a new version of it, means to those who have a pact about its dataset."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from cleanhold.core.contract import EXTRA, Contract, Unknown
from cleanhold.core.pact import Pact
from cleanhold.core.parsing import DataType


@dataclass(frozen=True, slots=True)
class Affected:
    """A consumer that a new version of a contract takes something from.

    Attributes:
        breaks: what it needs and no table will have, in words.
        may_break: what it needs and is not promised any more, in words.
    """

    pact: Pact
    breaks: tuple[str, ...]
    may_break: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, as `cleanhold contract diff --json` prints it."""
        return {
            "consumer": self.pact.consumer,
            "owner": self.pact.owner,
            "where": self.pact.where,
            "breaks": list(self.breaks),
            "may_break": list(self.may_break),
        }


def affected(pacts: Iterable[Pact], before: Contract, after: Contract) -> list[Affected]:
    """The consumers that lose something; what they lacked before is not told."""
    found = []
    for pact in (pact for pact in pacts if pact.dataset == before.dataset):
        if after.dataset != before.dataset:
            breaks, doubts = [f"the dataset is called {after.dataset}"], []
        else:
            breaks = _newly(lacking(pact, before), lacking(pact, after))
            doubts = _newly(uncertain(pact, before), uncertain(pact, after))
        if breaks or doubts:
            found.append(Affected(pact, tuple(breaks), tuple(doubts)))
    return found


def _newly(before: Iterable[str], after: Iterable[str]) -> list[str]:
    known = set(before)
    return [what for what in after if what not in known]


def lacking(pact: Pact, contract: Contract) -> Iterator[str]:
    """What the pact needs and no table under the contract has, in words."""
    for need in pact.needs:
        dtype = _dtype(need.column, contract)
        if dtype is None:
            yield f"there is no column {need.column!r}"
        elif not need.takes(dtype):
            yield f"{need.column} is {dtype}, not {need.said}"


def uncertain(pact: Pact, contract: Contract) -> Iterator[str]:
    """What the pact needs and the contract does not promise, in words."""
    for need in pact.needs:
        column = contract.column(need.column)
        if column is not None and column.nullable and need.nulls == 0:
            yield f"{need.column} may be without a value"
    promised = contract.freshness
    if pact.freshness is not None and (promised is None or promised > pact.freshness):
        yield "it may be older than the pact says"


def _dtype(name: str, contract: Contract) -> DataType | None:
    """Of a column of the clean table, by its name or a pattern; None if there is none."""
    if name == EXTRA and contract.unknown is Unknown.KEEP:
        return pl.String
    column = contract.column(name)
    if column is not None and not column.regex:
        return column.dtype
    matching = (c for c in contract.columns if c.regex and re.fullmatch(c.name, name))
    return next((c.dtype for c in matching), None)
