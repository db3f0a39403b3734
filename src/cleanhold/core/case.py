"""Cases: held rows grouped by what seems to be one cause, and how they are told to people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from cleanhold.core.check import Check, Kind

_FIELD = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Case:
    """Rows of a dataset that share their source, checks, column to blame and its pattern.

    Attributes:
        id: made of what they share; the same in every run.
        title: in plain language; personal values are not in it.
        because: the contract's sentence for the first check, about these rows.
        checks: labels of all checks that hold these rows, sorted.
        column: to blame; None if several are.
        pattern: of its values: digits are `9`, letters `A` and `a`; or the value that all have.
        rows: that wait; `share` of all rows of the dataset that wait (0.0 to 1.0).
        first_seen: when the first of them came; `last_seen` when one last did (UTC).
        statuses: status → rows.
        trend: day → rows that were first seen on it, settled ones too.
        owner: of the contract.
        age_days: whole days since `first_seen`.
        examples: ids of some of its rows that wait.
    """

    id: str
    dataset: str
    source: str
    title: str
    because: str
    checks: tuple[str, ...]
    column: str | None
    pattern: str
    rows: int
    share: float
    first_seen: datetime
    last_seen: datetime
    statuses: Mapping[str, int]
    trend: Mapping[date, int]
    owner: str
    age_days: int
    examples: tuple[str, ...] = field(default=())

    @property
    def is_of_doubles(self) -> bool:
        """Whether its rows are held for nothing but sharing what no two rows may share."""
        return all(check.rpartition(".")[2] == "unique" for check in self.checks)

    @property
    def moves(self) -> str:
        """Whether it grows: rows first seen on the newest day, beside the days before; in words."""
        *before, newest = [rows for _, rows in sorted(self.trend.items())] or [0]
        if not before:
            return "new"
        usual = sum(before) / len(before)
        return "growing" if newest > usual else "shrinking" if newest < usual else "steady"

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "dataset": self.dataset,
            "source": self.source,
            "title": self.title,
            "because": self.because,
            "checks": list(self.checks),
            "column": self.column,
            "pattern": self.pattern,
            "rows": self.rows,
            "share": round(self.share, 4),
            "first_seen": self.first_seen.isoformat(),
            "last_seen": self.last_seen.isoformat(),
            "statuses": dict(self.statuses),
            "moves": self.moves,
            "trend": {day.isoformat(): rows for day, rows in self.trend.items()},
            "owner": self.owner,
            "age_days": self.age_days,
            "examples": list(self.examples),
        }


def title(
    dataset: str,
    rows: int,
    checks: Sequence[str],
    *,
    column: str | None,
    kind: Kind | None,
    shown: str,
    is_value: bool,
    because: str,
) -> str:
    """What a case is, in a line: "14 policies have a start date like 31/02/2024".

    Args:
        shown: a value or pattern that may be seen; empty if there is none.
        is_value: all rows have this very value.
        because: the sentence for a case that no column is to blame for.
    """
    noun = dataset.rpartition(".")[2].replace("_", " ")
    who, have = (f"{rows:,} {noun}", "have") if rows != 1 else (f"1 {_one(noun)}", "has")
    faults = len(checks) - 1
    more = f", and {faults} other {'faults' if faults > 1 else 'fault'}" if faults else ""
    if column is None:
        return f"{who}: {because}{more}"
    words = column.replace("_", " ")
    if kind is Kind.NOT_NULL or not shown:
        instead = f", but {_quoted(shown)}" if shown else ""
        return f"{who} {have} no {words}{instead}{more}"
    is_many = words.endswith("s") and not words.endswith(("ss", "us", "is"))
    article = "" if is_many else "an " if words[:1] in "aeio" else "a "
    like = shown if shown == shown.strip(" ␣") else _quoted(shown)
    what = f"the {words} {_quoted(shown)}" if is_value else f"{article}{words} like {like}"
    return f"{who} {have} {what}{_TAILS.get(kind, '') if kind else ''}{more}"


def _one(noun: str) -> str:
    """The name of one of the things that a dataset is called after, if that is its plural."""
    if noun.endswith("ies"):
        return f"{noun[:-3]}y"
    return noun.removesuffix("es" if noun.endswith("sses") else "s")


def _quoted(text: str) -> str:
    return f"'{text}'" if text.strip(" ␣") else "blanks"


#: What a value that looks right has wrong.
_TAILS = {
    Kind.UNIQUE: ", which other rows have too",
    Kind.REFERENCE: ", which is not in the table it refers to",
    Kind.PARSE: ", which cannot be read",
}


def in_general(says: str) -> str:
    """A sentence about one row, as it is about any: its values are `…`."""
    told = _FIELD.sub("…", says.replace("{{", "\0").replace("}}", "\1"))
    return told.replace("\0", "{").replace("\1", "}")


def sentence(check: Check, shown: str) -> str:
    """The sentence of a check about many rows: its own value as shown, other columns as …."""
    told = check.says.replace("{value}", f"like {shown}" if shown else "blank")
    for name in (*check.reads, "found"):
        told = told.replace("{" + name + "}", "…")
    return told.replace("{{", "{").replace("}}", "}")
