"""held_difference: what two judgements of the same extracts differ in."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

#: Examples kept of a check.
MOST_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Example:
    """A row that a check fails on one side only.

    Attributes:
        value: to blame, as delivered; masked if it is personal.
        message: the sentence; None for a row that passes now.
    """

    row_id: str
    value: str | None
    message: str | None


@dataclass(frozen=True, slots=True)
class CheckDifference:
    """One check of severity `error`: how many rows it fails, before and after.

    Attributes:
        more: rows that fail it after, and did not before; `fewer` the other way round.
        examples: of `more`, or of `fewer` if there are none of those.
    """

    check: str
    column: str | None
    before: int = 0
    after: int = 0
    more: int = 0
    fewer: int = 0
    examples: tuple[Example, ...] = ()

    def plus(self, other: CheckDifference) -> CheckDifference:
        """Both together, of two extracts."""
        shown = (self, other) if bool(self.more) == bool(other.more) else (
            (self,) if self.more else (other,)
        )  # fmt: skip
        return replace(
            self,
            before=self.before + other.before,
            after=self.after + other.after,
            more=self.more + other.more,
            fewer=self.fewer + other.fewer,
            examples=tuple(e for one in shown for e in one.examples)[:MOST_EXAMPLES],
        )

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class HeldDifference:
    """Two judgements of the same extract, compared by row.

    Attributes:
        newly_held: rows held after and not before; `released` the other way round.
        checks: of severity `error` that failed on either side.
    """

    newly_held: int
    released: int
    checks: tuple[CheckDifference, ...]
