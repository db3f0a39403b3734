"""cases: held rows grouped by likely cause, for the people who look after them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date
from typing import Any

from cleanhold.core.case import Case, sentence, title
from cleanhold.core.check import Check
from cleanhold.core.contract import MASK, Contract
from cleanhold.errors import UsageError
from cleanhold.pipeline.quarantine import Review, review
from cleanhold.pipeline.stores import Stores
from cleanhold.store.ledger import utc_now

#: Row ids told of each case.
EXAMPLES = 5


def cases(stores: Stores, dataset: str | None = None, limit: int | None = 20) -> list[Case]:
    """Cases with rows that wait, those with most rows first, then by id.

    Raises:
        UnknownDataset: there is no such dataset.
    """
    seen = review(stores)
    return _told(seen, dataset=seen.known(dataset), limit=limit)


def case(stores: Stores, case_id: str) -> Case:
    """One case, with ids of some of its rows. It may have no rows any more that wait.

    Raises:
        UsageError: there is no such case.
    """
    seen = review(stores)
    found = _told(seen, case=case_id)
    if not found:
        raise UsageError(
            f"there is no case {case_id!r}", next="`cleanhold quarantine cases` lists them"
        )
    return found[0]


def _told(seen: Review, **which: Any) -> list[Case]:
    with seen.quarantine.reading():
        found = seen.quarantine.cases(**which)
        examples = seen.quarantine.examples(found["case_id"].to_list(), EXAMPLES)
    return [_case(seen, told, examples.get(told["case_id"], ())) for told in found.to_dicts()]


def _case(seen: Review, told: Mapping[str, Any], examples: Sequence[str]) -> Case:
    dataset, column = str(told["dataset"]), told["column"]
    contract = seen.contracts.get(dataset)
    hidden = column is not None and seen.personal(dataset).has(column)
    pattern = MASK if hidden and told["is_value"] else told["pattern"]
    shown = pattern if hidden else told["example"] or pattern
    blamed = _blamed(contract, told["checks"], column)
    because = sentence(blamed, shown) if blamed else ", ".join(told["checks"])
    statuses, trend = Counter[str](), Counter[date]()
    for each in told["days"]:
        statuses[each["status"]] += each["rows"]
        trend[each["day"]] += each["rows"]
    return Case(
        id=told["case_id"],
        dataset=dataset,
        source=told["source"],
        title=title(
            dataset,
            told["rows"],
            told["checks"],
            column=column,
            kind=blamed.kind if blamed else None,
            shown=shown,
            is_value=told["is_value"],
            because=because,
        ),
        because=because,
        checks=tuple(told["checks"]),
        column=column,
        pattern=pattern,
        rows=told["rows"],
        share=told["rows"] / told["waiting"] if told["waiting"] else 0.0,
        first_seen=told["first_seen"],
        last_seen=told["last_seen"],
        statuses=statuses,
        trend=trend,
        owner=contract.owner if contract else "",
        age_days=(utc_now().astimezone(UTC).replace(tzinfo=None) - told["first_seen"]).days,
        examples=tuple(examples),
    )


def _blamed(contract: Contract | None, labels: list[str], column: str | None) -> Check | None:
    """The check of a case whose sentence tells it: one about the column to blame, if any is."""
    if contract is None:
        return None
    found = [check for check in contract.checks if check.label in labels]
    return next((c for c in found if c.column == column), found[0] if found else None)
