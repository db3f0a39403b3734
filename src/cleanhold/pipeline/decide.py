"""decide: what a steward does about held rows; looked at first, then done."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from cleanhold.core.contract import MASK
from cleanhold.core.correction import Correction
from cleanhold.core.decision import LEAVES, Act, Decision
from cleanhold.core.finding import ROW_ID
from cleanhold.errors import UsageError
from cleanhold.pipeline.correct import corrected, patched
from cleanhold.pipeline.masking import Personal, personal
from cleanhold.pipeline.person import reason_of, who_acts
from cleanhold.pipeline.policy import needs_approval, require_known, require_waivable
from cleanhold.pipeline.prospect import prospect
from cleanhold.pipeline.record import record, require_same, token_of
from cleanhold.pipeline.stores import Stores
from cleanhold.store.decisions import AsOf, read_rows, write_rows
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
        at_most: rows that a waiver, and what repeats it, may let through; None for any number.
    """

    act: Act
    correction: Correction | None = None
    patches: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    checks: tuple[str, ...] = ()
    until: date | None = None
    to: str | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a decision would do.

    Attributes:
        rows: how many it is about.
        token: of exactly these rows as they stand; `apply` refuses if they have changed.
        samples: row id → column → (before, after), of some; personal values are masked. Of a
            decision that changes no values, how they stand.
        reasons: row id → why it is held, in words, of the same rows.
        released: rows that a replay would publish afterwards; None if it judges none.
        still: check → rows that it would still hold.
        approval: why another person must agree, in words; empty if nobody must.
    """

    selection: Selection
    intent: Intent
    rows: int
    token: str
    samples: Mapping[str, Mapping[str, tuple[str | None, str | None]]] = field(default_factory=dict)
    released: int | None = None
    still: Mapping[str, int] = field(default_factory=dict)
    approval: str = ""
    reasons: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {
            "dataset": self.selection.dataset,
            "act": str(self.intent.act),
            "rows": self.rows,
            "token": self.token,
            "samples": {row: dict(cells) for row, cells in self.samples.items()},
            "released": self.released,
            "still_held_by": dict(self.still),
            "reasons": {row: list(said) for row, said in self.reasons.items()},
            "needs_approval": self.approval or None,
        }


def preview(
    stores: Stores, selection: Selection, intent: Intent, *, who: str | None = None
) -> Preview:
    """Say what a decision would do; nothing is changed.

    Args:
        stores: of the workspace.
        selection: which rows.
        intent: what to do with them.
        who: would decide; whoever runs this if None.

    Raises:
        UsageError: the selection has no rows, or the intent does not fit, or the contract does
            not let anybody do it.
    """
    as_of = stores.ledger.as_of(selection.dataset)
    chosen = _chosen(stores, selection, intent)
    decided = as_allowed(stores, selection.dataset, chosen, intent)
    approval = _approval(stores, selection.dataset, intent.act, decided.height, who or who_acts())
    return shown(stores, selection, intent, decided, token_of(chosen, as_of), approval)


def shown(
    stores: Stores,
    selection: Selection,
    intent: Intent,
    decided: pl.DataFrame,
    token: str,
    approval: str = "",
) -> Preview:
    """The preview of rows as a decision would leave them."""
    judged = prospect(stores, selection.dataset, decided) if intent.act in _JUDGED else None
    return Preview(
        selection=selection,
        intent=intent,
        rows=decided.height,
        token=token,
        samples=_samples(decided, intent.act, personal(stores.contracts.get(selection.dataset))),
        reasons=_reasons(stores, selection.dataset, decided),
        released=judged.released.len() if judged else None,
        still=judged.still if judged else {},
        approval=approval,
    )


def _samples(
    decided: pl.DataFrame, act: Act, hidden: Personal
) -> dict[str, dict[str, tuple[str | None, str | None]]]:
    """Some rows before and after; see `Preview`."""
    found: dict[str, dict[str, tuple[str | None, str | None]]] = {}
    for row in decided.head(SAMPLES).iter_rows(named=True):
        if act is not Act.CORRECT:
            found[row[ROW_ID]] = {"status": (row["status"], LEAVES.get(act, row["status"]))}
            continue
        patch = json.loads(row["patch"] or "{}")
        before, after = hidden.masked(json.loads(row["raw"])), hidden.masked(patch)
        found[row[ROW_ID]] = {c: (before.get(c), after[c]) for c in patch}
    return found


def _reasons(stores: Stores, dataset: str, decided: pl.DataFrame) -> dict[str, list[str]]:
    some = decided.head(SAMPLES)[ROW_ID].to_list()
    told = Quarantine(stores.state).to_correct(dataset, rows=some).drop_nulls("messages")
    return dict(told.select(ROW_ID, "messages").iter_rows())


def apply(
    stores: Stores,
    selection: Selection,
    intent: Intent,
    why: str,
    *,
    token: str | None = None,
    who: str | None = None,
) -> Decision:
    """Decide, or propose it, where the contract asks for a second person.

    What was decided is in the ledger when this returns, and in the quarantine as soon as that can
    be written.

    Args:
        stores: of the workspace.
        selection: which rows.
        intent: what to do with them.
        why: in words; kept in the audit log with who asked.
        token: of the preview that was looked at.
        who: decides; whoever runs this if None.

    Returns:
        The decision; its act is `propose` if it waits for another person.

    Raises:
        UsageError: there is no reason, the selection has no rows, the intent does not fit, or
            the contract does not let anybody do it.
        Overtaken: the rows have changed since the preview.
        RunInProgress: a replay of the dataset is being published.
    """
    require_reason(why)
    who = who or who_acts()

    def decide(as_of: AsOf) -> tuple[Act, dict[str, Any]]:
        chosen = _chosen(stores, selection, intent, may_be_none=token is not None)
        if token is not None:
            require_same(stores, selection.dataset, chosen, token)
        decided = as_allowed(stores, selection.dataset, chosen, intent)
        hidden = personal(stores.contracts[selection.dataset])
        act, terms = intent.act, _terms(intent, decided, hidden)
        if _approval(stores, selection.dataset, act, decided.height, who):
            # What it changes is none of its rows' standing: that is what it must find again.
            stood = chosen.filter(pl.col(ROW_ID).is_in(decided[ROW_ID].implode()))
            terms = {**terms, "does": str(act), "token": token_of(stood, as_of)}
            act = Act.PROPOSE
        return act, {
            "rows": decided.height,
            "keep": lambda: write_rows(stores.state, decided),
            "who": who,
            "why": why.strip(),
            "terms": terms,
        }

    return record(stores, selection.dataset, decide)


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


def require_reason(why: str) -> None:
    """Raise `UsageError` if there is no reason."""
    such_as = "the agency confirmed the dates by mail on 3 November"
    reason_of("a decision", why, such_as=such_as)


def chosen_rows(stores: Stores, selection: Selection, act: Act) -> pl.DataFrame:
    """The rows of a selection that an act can be about, as `Quarantine.to_decide` gives them."""
    quarantine = Quarantine(stores.state)
    catch_up(stores.state, stores.ledger, quarantine)
    return quarantine.to_decide(
        selection.dataset,
        str(act),
        check=selection.check,
        case=selection.case,
        rows=selection.rows,
        status=selection.status,
    )


def _chosen(
    stores: Stores, selection: Selection, intent: Intent, *, may_be_none: bool = False
) -> pl.DataFrame:
    if selection.dataset not in stores.contracts:
        known = ", ".join(stores.contracts) or "none"
        raise UsageError(
            f"there is no contract for {selection.dataset!r}", next=f"there are {known}"
        )
    _require_fitting(intent)
    found = chosen_rows(stores, selection, intent.act)
    if not may_be_none:
        _require_found(selection, found)
    return found


def _require_found(selection: Selection, found: pl.DataFrame) -> None:
    """Something was chosen, and each row that was named."""
    known = set(found[ROW_ID])
    missing = [row for row in selection.rows or () if row not in known]
    if missing:
        more = f", nor do {len(missing) - 1:,} others that were named" if missing[1:] else ""
        raise UsageError(
            f"the row {missing[0]!r} of {selection.dataset} does not wait for this{more}",
            next=f"`cleanhold quarantine show {missing[0]}` says where it stands",
        )
    if not found.height:
        which = f", or none that {selection.check!r} holds" if selection.check else ""
        which = f", or none of the case {selection.case!r}" if selection.case else which
        raise UsageError(
            f"no rows of {selection.dataset} wait for this{which}",
            next="`cleanhold quarantine rows` lists what waits",
        )


def as_allowed(stores: Stores, dataset: str, chosen: pl.DataFrame, intent: Intent) -> pl.DataFrame:
    """The rows as a decision leaves them: `patch`, `values` and `waived` are its own.

    Raises:
        UsageError: the contract does not let anybody do this.
    """
    decided = _decided(chosen, intent)
    if intent.act not in (Act.WAIVE, Act.RELEASE):
        return decided
    contract, today = stores.contracts[dataset], stores.ledger.now().date()
    holding = decided["holding"].explode().drop_nulls().unique()
    require_known(contract, intent.checks, holding.to_list())
    labels = decided["waived"].explode().drop_nulls().unique().sort().to_list()
    require_waivable(contract, intent.act, labels, intent.until, today)
    if intent.at_most is not None and decided.height > intent.at_most:
        raise UsageError(
            f"these are {decided.height:,} rows, more than the {intent.at_most:,} that the waiver "
            "may let through",
            next="choose fewer rows, or a larger --at-most",
        )
    return decided


def _approval(stores: Stores, dataset: str, act: Act, rows: int, who: str) -> str:
    contract, made = stores.contracts[dataset], stores.ledger.decisions(dataset)
    return needs_approval(contract, act, rows, who, made, stores.ledger.now())


def _require_fitting(intent: Intent) -> None:
    needs = {
        Act.CORRECT: (
            intent.correction or intent.patches,
            "a correction needs new values",
            "say which: --set COLUMN=VALUE or --map COLUMN:OLD=NEW",
        ),
        Act.WAIVE: (intent.until, "a waiver needs an end", "name its last day: --until 2026-12-31"),
        Act.ASSIGN: (intent.to, "a task needs somebody", "say whose it is: --to NAME"),
    }
    given, what, do = needs.get(intent.act, (True, "", ""))
    if not given:
        raise UsageError(what, next=do)


def _decided(chosen: pl.DataFrame, intent: Intent) -> pl.DataFrame:
    if intent.correction is not None:
        return corrected(chosen, intent.correction)
    if intent.patches:
        return patched(chosen, [intent.patches.get(row, {}) for row in chosen["row_id"]])
    if intent.act in (Act.WAIVE, Act.RELEASE):
        named = pl.lit(list(intent.checks)) if intent.checks else pl.col("holding")
        return chosen.with_columns(waived=named)
    return chosen


def _terms(intent: Intent, rows: pl.DataFrame, hidden: Personal) -> dict[str, Any]:
    terms: dict[str, Any] = {}
    if intent.correction is not None:
        terms["rule"] = _masked_rule(intent.correction, hidden)
    if intent.patches:
        terms["rule"] = {"each": sorted({c for new in intent.patches.values() for c in new})}
    if intent.act in (Act.WAIVE, Act.RELEASE):
        waived: Sequence[str] = rows["waived"].explode().drop_nulls().unique().sort().to_list()
        terms["checks"] = list(intent.checks or waived)
    if intent.until is not None:
        terms["until"] = intent.until.isoformat()
    if intent.at_most is not None:
        terms["at_most"] = intent.at_most
    if intent.to is not None:
        terms["to"] = intent.to
    return terms


def _masked_rule(correction: Correction, hidden: Personal) -> dict[str, Any]:
    """A correction for the audit log; the values themselves are in the file of its rows."""
    rule = correction.as_dict()
    if "set" in rule:
        rule["set"] = hidden.masked(rule["set"])
    if "map" in rule:
        pairs = rule["map"].items()
        rule["map"] = {c: {MASK: MASK} if hidden.has(c) else p for c, p in pairs}
    return rule
