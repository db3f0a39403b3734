"""Decisions in the quarantine: what each makes of its rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date

import duckdb
import polars as pl

from cleanhold.core.decision import Act, Decision
from cleanhold.store.statements import Statements, transaction

#: Which rows an act finds; of others it says nothing.
_OPEN = "('held', 'corrected', 'waived')"
_FINDS = {
    Act.CORRECT: _OPEN,
    Act.WAIVE: _OPEN,
    Act.RELEASE: _OPEN,
    Act.REJECT: _OPEN,
    Act.REOPEN: "('corrected', 'waived', 'rejected', 'released')",
}

_DOES = {
    Act.CORRECT: "status = 'corrected', patch = d.patch::json, waived_until = null",
    Act.WAIVE: "status = 'waived', waived_until = $until",
    Act.RELEASE: "status = 'waived', waived_until = null",
    Act.REJECT: "status = 'rejected'",
    # A released row is in the table until the next run has judged it as it was delivered.
    Act.REOPEN: "status = if(status = 'released', status, 'held'), patch = null, "
    "waived_until = null",
    Act.ASSIGN: "assigned = $assigned",
}

#: What becomes of its waiver. Apart, and last: DuckDB writes a row anew, and elsewhere, when a list
#: of it is set, which few acts need.
_WAIVED = {
    Act.CORRECT: "null",
    Act.WAIVE: "$checks",
    Act.RELEASE: "$checks",
    Act.REOPEN: "null",
}

_WHICH = """
create or replace temp table decided as
select h.rowid as place, d.row_id, d.patch from held h
join decided_rows d using (row_id) where h.dataset = $dataset {which}
"""

_CHANGE = "update held set {change} from decided d where held.rowid = d.place"

_CHANGE_WAIVED = f"{_CHANGE} and held.waived is distinct from {{waived}}"

_REMEMBER = """
insert into history
select row_id, $dataset, $at, $act, $cause, $who, $why from decided
"""

_COUNT = "select count(*) from decided"

_DECISION = """
insert into decisions values ($id, $act, $dataset, $rows, $applied, $who, $why, $at, $terms)
"""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision and the rows that it is about (`DECIDED_SCHEMA`)."""

    decision: Decision
    rows: pl.DataFrame

    @property
    def entry(self) -> str:
        return self.decision.entry


def decide(connection: duckdb.DuckDBPyConnection, decided: Decided, number: int) -> None:
    """Apply a decision, in one transaction.

    Rows that another decision or a delivery has settled since stay as they are.

    Args:
        connection: to the quarantine.
        decided: the decision.
        number: its place among what was fed: 1, 2, 3 …
    """
    decision = decided.decision
    until = decision.terms.get("until")
    run = Statements(
        connection,
        {
            "id": decision.id,
            "act": str(decision.act),
            "dataset": decision.dataset,
            "rows": decision.rows,
            "who": decision.who,
            "why": decision.why,
            "at": decision.at.astimezone(UTC).replace(tzinfo=None),
            "terms": json.dumps(dict(decision.terms)),
            "cause": f"decision {decision.id}",
            "checks": list(decision.terms.get("checks", ())),
            "until": date.fromisoformat(until) if until else None,
            "assigned": decision.terms.get("to"),
        },
    )
    # One that nobody made just now must not undo what somebody decided meanwhile.
    is_own = "again" in decision.terms or "automatic" in decision.terms
    statuses = "('held')" if is_own else _FINDS.get(decision.act)
    with transaction(connection):
        connection.register("decided_rows", decided.rows.to_arrow())
        run(_WHICH.format(which=f"and h.status in {statuses}" if statuses else ""))
        connection.unregister("decided_rows")
        if change := _DOES.get(decision.act):
            run(_CHANGE.format(change=change))
        if waived := _WAIVED.get(decision.act):
            run(_CHANGE_WAIVED.format(change=f"waived = {waived}", waived=waived))
        run(_REMEMBER)
        run(_DECISION, applied=run(_COUNT))
        run("insert into fed values ($number, $entry)", number=number, entry=decision.entry)
