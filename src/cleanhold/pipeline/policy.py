"""policy: what a contract lets one person decide about held rows, and for how long."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from cleanhold.core.contract import Contract
from cleanhold.core.decision import Act, Decision
from cleanhold.errors import UsageError
from cleanhold.pipeline.person import same_person

#: Acts that a second person may have to agree to.
LIMITED = (Act.CORRECT, Act.WAIVE, Act.RELEASE, Act.REJECT)

#: What one person decides within this time counts together.
WINDOW = timedelta(hours=24)


def needs_approval(
    contract: Contract, act: Act, rows: int, who: str, made: Sequence[Decision], now: datetime
) -> str:
    """Why another person must agree, in words; nothing if nobody must.

    Args:
        rows: that it is about.
        who: decides.
        made: decisions of the dataset. Those that were approved do not count.
    """
    limit = contract.approval_above
    if limit is None or act not in LIMITED:
        return ""
    before = sum(
        d.rows
        for d in made
        if d.act is act and d.at > now - WINDOW and "proposal" not in d.terms
        if same_person(d.who, who)
    )
    if rows + before <= limit:
        return ""
    counted = f"{rows:,} rows, and {before:,} in the last 24 hours," if before else f"{rows:,} rows"
    return f"{counted} are more than the {limit:,} of {contract.dataset} that one person may {act}"


def require_known(contract: Contract, labels: Collection[str], holding: Collection[str]) -> None:
    """Raise `UsageError` if one of the checks that somebody named is none.

    Args:
        labels: as they were named.
        holding: those that hold the rows.
    """
    known = sorted({*holding, *(check.label for check in contract.checks)})
    for label in labels:
        if label not in known:
            close = [k for k in known if k.rpartition(".")[2] == label]
            close = close or difflib.get_close_matches(label, known, n=1)
            raise UsageError(
                f"{contract.dataset} has no check {label!r}",
                next=f"did you mean {close[0]!r}?" if close else "use one of " + ", ".join(known),
            )


def never_waived(contract: Contract, labels: Collection[str]) -> list[str]:
    """Those of some checks that the contract lets nobody waive."""
    never = {*contract.never_waived}
    return [label for label in labels if {label, label.rpartition(".")[2]} & never]


def require_waivable(
    contract: Contract, act: Act, labels: Collection[str], until: date | None, today: date
) -> None:
    """Raise `UsageError` if rows may not be let through like this.

    Args:
        act: `waive`, or `release`, which has no end.
        labels: of the checks that may fail.
        until: the last day of a waiver, in UTC.
        today: in UTC.
    """
    if until is not None and until < today:
        raise UsageError(
            f"{until} is over: a waiver holds through its last day, and it is {today} in UTC",
            next=f"name a later day: --until {today + timedelta(days=30)}",
        )
    never = never_waived(contract, labels)
    if never:
        raise UsageError(
            f"the contract of {contract.dataset} does not let {never[0]!r} fail, whoever asks",
            where=contract.where,
            next="correct or reject the rows; or leave this check out with --waives",
        )
    longest = contract.longest_waiver
    if longest is not None and (until is None or until > today + longest):
        last = today + longest
        raise UsageError(
            f"the contract of {contract.dataset} lets rows through for {longest.days} days at most"
            + ("" if until else ", and a release has no end"),
            where=contract.where,
            next=f"waive them: --until {last}" if until is None else f"write --until {last}",
        )
