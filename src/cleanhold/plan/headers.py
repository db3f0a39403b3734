"""Which header of an extract each column of a contract means.

From the surest to the least sure, and no column takes what a surer one claims:

1. to the letter: the first of the column's `source` names that the extract has;
2. alike: the same but for case, blanks and punctuation;
3. by pattern: the whole header matches `source_matches`.

What is as likely one as the other is never chosen: that is an error.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from cleanhold.core.contract import Column, Contract
from cleanhold.errors import ContractError
from cleanhold.plan.sentences import few


def find_headers(contract: Contract, headers: Sequence[str]) -> list[tuple[Column, str | None]]:
    """The header that each column is read from; None if the extract has none.

    Columns that are patterns themselves (pandera's `regex=True`) are not among them.

    Raises:
        ContractError: several headers fit a column equally well, or one fits two columns.
    """
    plain, delivered = [c for c in contract.columns if not c.regex], set(headers)
    found = {c.name: next((n for n in c.wanted if n in delivered), None) for c in plain}
    for fits in (_alike, _matched):
        claimed = set(found.values())
        free = [header for header in headers if header not in claimed]
        taken: dict[str, str] = {}
        for column in plain:
            if found[column.name] is not None:
                continue
            header = _only(column, fits(column, free), contract)
            if header is None:
                continue
            if header in taken:
                raise ContractError(
                    f"the raw column {header!r} could be {taken[header]!r} or {column.name!r}",
                    where=contract.where,
                    next=f"say which, to the letter: field(source={header!r})",
                )
            taken[header] = column.name
            found[column.name] = header
    return [(column, found[column.name]) for column in plain]


@lru_cache(maxsize=1 << 14)  # of wide extracts, each is compared with each
def plain_name(name: str) -> str:
    """A name without case, blanks and punctuation: what two names that are alike share."""
    return re.sub(r"[\W_]+", "", name).casefold()


def _alike(column: Column, headers: Sequence[str]) -> list[str]:
    """Headers that are the column's first name that any of them is like."""
    for name in column.wanted:
        plain = plain_name(name)
        if alike := [header for header in headers if plain_name(header) == plain]:
            return alike
    return []


def _matched(column: Column, headers: Sequence[str]) -> list[str]:
    """Headers that the column's pattern matches whole."""
    if column.source_matches is None:
        return []
    pattern = re.compile(column.source_matches)
    return [header for header in headers if pattern.fullmatch(header)]


def _only(column: Column, fitting: Sequence[str], contract: Contract) -> str | None:
    if len(fitting) > 1:
        raise ContractError(
            f"the extract has several columns that could be {column.name!r}: "
            + few(list(map(repr, fitting))),
            where=contract.where,
            next=f"say which, to the letter: field(source={fitting[0]!r})",
        )
    return fitting[0] if fitting else None
