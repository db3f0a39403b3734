"""decide: what a steward does about held rows; looked at first, then done."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from cleanhold.core.correction import Correction
from cleanhold.core.decision import Act, Decision
from cleanhold.errors import StateError, UsageError
from cleanhold.pipeline.correct import corrected, patched
from cleanhold.pipeline.masking import personal
from cleanhold.pipeline.person import who_acts
from cleanhold.pipeline.prospect import prospect
from cleanhold.pipeline.stores import Stores
from cleanhold.store import anchor
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.decisions import read_rows, write_rows
from cleanhold.store.feeding import catch_up
from cleanhold.store.quarantine import Quarantine

#: Rows shown before and after.
SAMPLES = 10

#: Acts after which rows are judged again.
_JUDGED = (Act.CORRECT, Act.WAIVE, Act.RELEASE)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which held rows of a dataset; what is None does not narrow.

    Attributes:
        check: rows that this check holds.
        case: rows of this case.
        rows: rows of these ids.
        status: rows that stand here; `held` if None and no ids are given.
    """

    dataset: str
    check: str | None = None
    case: str | None = None
    rows: tuple[str, ...] | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """What to do with them.

    Attributes:
        correction: for `Act.CORRECT`; or
        patches: row id → raw column → its new text or null, where each row has its own.
        checks: labels of the checks to waive (`amount.greater_than`); those that hold the rows
            if none is named.
        until: the last day of a waiver.
        to: whose task, for `Act.ASSIGN`.
    """

    act: Act
    correction: Correction | None = None
    patches: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    checks: tuple[str, ...] = ()
    until: date | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a decision would do.

    Attributes:
        rows: how many it is about.
        token: of exactly these rows as they stand; `apply` refuses if they have changed.
        samples: row id → column → (before, after), of some; personal values are masked.
        released: rows that a replay would publish afterwards; None if it judges none.
        still: check → rows that it would still hold.
    """

    selection: Selection
    intent: Intent
    rows: int
    token: str
    samples: Mapping[str, Mapping[str, tuple[str | None, str | None]]] = field(default_factory=dict)
    released: int | None = None
    still: Mapping[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {
            "dataset": self.selection.dataset,
            "act": str(self.intent.act),
            "rows": self.rows,
            "token": self.token,
            "samples": {row: dict(cells) for row, cells in self.samples.items()},
            "released": self.released,
            "still_held_by": dict(self.still),
        }


def preview(stores: Stores, selection: Selection, intent: Intent) -> Preview:
    """Say what a decision would do; nothing is changed.

    Raises:
        UsageError: the selection has no rows, or the intent does not fit.
    """
    chosen = _chosen(stores, selection, intent)
    decided = _decided(chosen, intent)
    judged = prospect(stores, selection.dataset, decided) if intent.act in _JUDGED else None
    hidden = personal(stores.contracts.get(selection.dataset))
    samples = {}
    for row in decided.head(SAMPLES).iter_rows(named=True):
        before, patch = json.loads(row["raw"]), json.loads(row["patch"] or "{}")
        cells = {c: hidden.masked({c: before.get(c), "": None})[c] for c in patch}
        after = hidden.masked(patch)
        samples[row["row_id"]] = {c: (cells[c], after[c]) for c in patch}
    return Preview(
        selection=selection,
        intent=intent,
        rows=decided.height,
        token=_token(chosen),
        samples=samples,
        released=judged.released.len() if judged else None,
        still=judged.still if judged else {},
    )


def apply(
    stores: Stores, selection: Selection, intent: Intent, why: str, *, token: str | None = None
) -> Decision:
    """Decide. The decision is in the ledger when this returns, and in the quarantine.

    Args:
        stores: of the workspace.
        selection: which rows.
        intent: what to do with them.
        why: in words; kept in the audit log with who asked.
        token: of the preview that was looked at.

    Raises:
        UsageError: there is no reason, the selection has no rows, or the intent does not fit.
        StateError: the rows have changed since the preview.
    """
    if not why.strip():
        raise UsageError(
            "a decision needs a reason",
            next="say why: --reason 'the agency confirmed the dates by mail on 3 November'",
        )
    chosen = _chosen(stores, selection, intent)
    if token is not None and token != _token(chosen):
        raise StateError(
            "these rows are no longer what the preview showed",
            where=f"{selection.dataset}, {chosen.height} rows",
            next="look at the preview again: another decision or delivery came between",
        )
    decided = _decided(chosen, intent)
    decision = stores.ledger.decide(
        intent.act,
        selection.dataset,
        rows=decided.height,
        keep=lambda: write_rows(stores.state, decided),
        who=who_acts(),
        why=why.strip(),
        terms=_terms(intent, decided),
    )
    crash_point("decided")
    anchor.note(stores.state, stores.ledger)
    catch_up(stores.state, stores.ledger, Quarantine(stores.state))
    return decision


def rows_of(stores: Stores, dataset: str, decision: int) -> tuple[str, ...]:
    """Ids of the rows that a decision was about.

    Raises:
        UsageError: the dataset has no such decision.
    """
    for each in stores.ledger.decisions(dataset):
        if each.id == decision:
            return tuple(read_rows(stores.state, each)["row_id"])
    raise UsageError(
        f"{dataset} has no decision {decision}",
        next="`cleanhold quarantine show ROW` tells which decisions a row had",
    )


def _chosen(stores: Stores, selection: Selection, intent: Intent) -> pl.DataFrame:
    if selection.dataset not in stores.contracts:
        known = ", ".join(stores.contracts) or "none"
        raise UsageError(
            f"there is no contract for {selection.dataset!r}", next=f"there are {known}"
        )
    _require_fitting(intent)
    quarantine = Quarantine(stores.state)
    catch_up(stores.state, stores.ledger, quarantine)
    found = quarantine.to_decide(
        selection.dataset,
        str(intent.act),
        check=selection.check,
        case=selection.case,
        rows=selection.rows,
        status=selection.status,
    )
    if not found.height:
        raise UsageError(
            f"no rows of {selection.dataset} wait for this",
            next="`cleanhold quarantine rows` lists what waits",
        )
    return found


def _require_fitting(intent: Intent) -> None:
    needs = {
        Act.CORRECT: (
            intent.correction or intent.patches,
            "says how: --set COLUMN=VALUE or --map COLUMN:OLD=NEW",
        ),
        Act.WAIVE: (intent.until, "ends some day: --until 2026-12-31"),
        Act.ASSIGN: (intent.to, "is to somebody: --to NAME"),
    }
    given, what = needs.get(intent.act, (True, ""))
    if not given:
        raise UsageError(f"{intent.act} {what}")


def _decided(chosen: pl.DataFrame, intent: Intent) -> pl.DataFrame:
    """The rows as the decision leaves them: `patch`, `values` and `waived` are its own."""
    if intent.correction is not None:
        return corrected(chosen, intent.correction)
    if intent.patches:
        return patched(chosen, [intent.patches.get(row, {}) for row in chosen["row_id"]])
    if intent.act in (Act.WAIVE, Act.RELEASE):
        named = pl.lit(list(intent.checks)) if intent.checks else pl.col("holding")
        return chosen.with_columns(waived=named)
    return chosen


def _terms(intent: Intent, rows: pl.DataFrame) -> dict[str, Any]:
    terms: dict[str, Any] = {}
    if intent.correction is not None:
        terms["rule"] = intent.correction.as_dict()
    if intent.patches:
        terms["rule"] = {"each": sorted({c for new in intent.patches.values() for c in new})}
    if intent.act in (Act.WAIVE, Act.RELEASE):
        waived: Sequence[str] = rows["waived"].explode().drop_nulls().unique().sort().to_list()
        terms["checks"] = list(intent.checks or waived)
    if intent.until is not None:
        terms["until"] = intent.until.isoformat()
    if intent.to is not None:
        terms["to"] = intent.to
    return terms


def _token(chosen: pl.DataFrame) -> str:
    """Names the rows, their content, and how they stand."""
    facts = chosen.select("row_id", "content_hash", "status", "run_id", "patch").sort("row_id")
    return hashlib.sha256(facts.write_csv().encode()).hexdigest()[:16]
