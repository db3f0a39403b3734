"""suggest: corrections that would help the rows of a case, each tried before it is told."""

from __future__ import annotations

import json

import polars as pl

from cleanhold.core.case import Case
from cleanhold.core.suggestion import Candidate, Suggestion
from cleanhold.errors import UsageError
from cleanhold.pipeline.candidates import candidates
from cleanhold.pipeline.cases import case as one_case
from cleanhold.pipeline.correct import corrected
from cleanhold.pipeline.masking import personal
from cleanhold.pipeline.prospect import prospect
from cleanhold.pipeline.stores import Stores, raw_column
from cleanhold.store.quarantine import Quarantine

#: Rows a correction is tried on.
TRIED = 1_000

#: Values shown of a case.
SHOWN = 5


def suggestion(stores: Stores, case_id: str, number: int) -> Suggestion:
    """One suggestion of a case.

    Raises:
        UsageError: there is no such case, or it has no such suggestion.
    """
    found = suggestions(stores, one_case(stores, case_id))
    if not 1 <= number <= len(found):
        raise UsageError(
            f"case {case_id} has {len(found)} suggestions, and no number {number}",
            next=f"`cleanhold quarantine case {case_id}` lists them",
        )
    return found[number - 1]


def common_values(stores: Stores, case: Case) -> list[tuple[str, int]]:
    """The commonest values of the column to blame, as delivered, in rows of a case that are held,
    with how many rows have each; none if the column is personal."""
    contract, quarantine = stores.contracts.get(case.dataset), Quarantine(stores.state)
    rows = quarantine.rows(case.dataset, limit=1, case=case.id)
    if case.column is None or not rows.height or personal(contract).has(case.column):
        return []
    raw = raw_column(stores, str(rows["run_id"][0]), case.column)
    found = quarantine.case_values(case.id, raw).drop_nulls() if raw else pl.DataFrame()
    return [(str(value), int(rows)) for value, rows in found.head(SHOWN).iter_rows()]


def suggestions(stores: Stores, case: Case) -> list[Suggestion]:
    """Corrections under which rows of a case would pass, what helps most rows first.

    Each is judged by today's contract on the first `TRIED` rows of the case; what helps none is
    left out. Nothing is changed.
    """
    contract = stores.contracts.get(case.dataset)
    column = contract.column(case.column) if contract and case.column else None
    quarantine = Quarantine(stores.state)
    ids = quarantine.case_rows(case.id, TRIED)
    rows = quarantine.to_decide(case.dataset, "correct", rows=ids, status="held")
    if contract is None or column is None or not rows.height:
        return []
    raw = raw_column(stores, str(rows["run_id"][0]), column.name)
    if raw is None:
        return []
    tried: dict[str, tuple[Candidate, int]] = {}
    for candidate in candidates(stores, contract, column, raw, case, rows):
        rule = json.dumps(candidate.correction.as_dict(), sort_keys=True)
        if rule not in tried:
            tried[rule] = candidate, _passing(stores, case.dataset, rows, candidate)
    hidden = personal(contract).has(column.name)
    helping = [each for each in tried.values() if each[1]]
    helping.sort(key=lambda each: (-each[1], each[0].steps))
    return [
        Suggestion(number, candidate, rows.height, passed, hidden)
        for number, (candidate, passed) in enumerate(_undominated(helping), start=1)
    ]


def _undominated(helping: list[tuple[Candidate, int]]) -> list[tuple[Candidate, int]]:
    """Without those that do more to the values, and help no more rows, than one before them."""
    kept: list[tuple[Candidate, int]] = []
    for candidate, passed in helping:
        fewer = (k for k, count in kept if count == passed)
        if not any(each.steps < candidate.steps for each in fewer):
            kept.append((candidate, passed))
    return kept


def _passing(stores: Stores, dataset: str, rows: pl.DataFrame, candidate: Candidate) -> int:
    """How many rows would pass."""
    try:
        changed = corrected(rows, candidate.correction)
    except UsageError:  # it changes none of these
        return 0
    return prospect(stores, dataset, changed).released.len()
