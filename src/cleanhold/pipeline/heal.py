"""heal: held rows that people or the contract have decided on before, and releases taken back."""

from __future__ import annotations

import logging
from functools import partial

import polars as pl

from cleanhold.core.contract import Contract
from cleanhold.core.decision import Act, Decision
from cleanhold.core.finding import ROW_ID
from cleanhold.errors import LedgerError, Overtaken, StateError
from cleanhold.pipeline.automatic import correct_automatically
from cleanhold.pipeline.heal_limits import allowed
from cleanhold.pipeline.person import ITSELF
from cleanhold.pipeline.publish import Outcome, State
from cleanhold.pipeline.replay import replayed
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.waived import waived_in
from cleanhold.store.decisions import AsOf, write_rows
from cleanhold.store.feeding import catch_up
from cleanhold.store.quarantine import Quarantine

_log = logging.getLogger(__name__)

#: Why a row heals, as `Quarantine.to_heal` has it → in words.
_CAUSES = {
    "again": "decided on before",
    "automatic": "corrected as the contract says",
    "over": "whose waiver is over",
    "reopened": "reopened since they were released",
    "back": "that wait, and that a rollback brought back",
    "rejected": "rejected, and that a rollback brought back",
}


def heal(stores: Stores, contract: Contract) -> list[Outcome]:
    """Do again what was decided on the same content, and judge again what a waiver let through.

    A row of the same content as one that was corrected, waived or released, and then published by
    a replay, gets the same decision and is replayed; one of the content of a rejected row is
    rejected. Nothing is repeated that was reopened since, whose last replay held the row, or whose
    waiver is over; and only for as many rows as `heal_limits` allows. Then what the contract
    corrects without asking is corrected, and replayed.
    Published rows whose waiver is over, or that were reopened, are judged as they were delivered,
    and held if they fail; so are those that wait since, where a rollback brought them back. Those
    that were rejected since leave the table, and stay rejected. Doing it again changes nothing.

    Returns:
        What became of the rows; nothing if there were none, or if the quarantine cannot be asked:
        runs do not wait for it, and the next one heals.
    """
    try:
        decided, left = _decided_again(stores, contract)
        catch_up(stores.state, stores.ledger, Quarantine(stores.state))
        automatic = correct_automatically(stores, contract)
        as_of = stores.ledger.as_of(contract.dataset)
        found = _to_replay(stores, contract.dataset)
    except LedgerError:
        raise
    except (StateError, OSError, pl.exceptions.PolarsError) as error:
        _log.warning("%s: held rows heal at the next run: %s", contract.dataset, error)
        return []
    outcomes = [_rejected(contract, d) for d in decided if d.act is Act.REJECT]
    outcomes += [_withheld(contract, why) for why in automatic.withheld]
    outcomes += [_left(contract, why, rows) for why, rows in left.items()]
    chosen = _still_published(stores, contract, found)
    if chosen.height:
        try:
            outcomes.append(_replayed(stores, contract, chosen, as_of))
        except Overtaken:
            _log.warning("%s: held rows heal at the next run: others decide", contract.dataset)
    return outcomes


def _to_replay(stores: Stores, dataset: str) -> pl.DataFrame:
    quarantine = Quarantine(stores.state)
    catch_up(stores.state, stores.ledger, quarantine)
    return quarantine.to_heal(dataset)


def _decided_again(
    stores: Stores, contract: Contract
) -> tuple[list[Decision], dict[str, pl.DataFrame]]:
    """One decision for each that is applied again; and why it is not, with its rows."""
    quarantine = Quarantine(stores.state)
    catch_up(stores.state, stores.ledger, quarantine)
    decided: list[Decision] = []
    left: dict[str, pl.DataFrame] = {}
    found = quarantine.decided_before(contract.dataset)
    for rows in found.partition_by("root", "act", "waived", "until", maintain_order=True):
        made = {d.id: d for d in stores.ledger.decisions(contract.dataset)}
        root = made[rows["root"][0]]
        again, why = allowed(contract, root, list(made.values()), rows)
        if again.height:
            decided.append(_apply_again(stores, contract.dataset, again))
        if why:
            rest = rows.join(again, on=ROW_ID, how="anti")
            left[why] = pl.concat([left.get(why, rest.clear()), rest])
            _tell(stores, root, why, rest, quarantine)
    return decided, left


def _tell(
    stores: Stores, root: Decision, why: str, rows: pl.DataFrame, quarantine: Quarantine
) -> None:
    """Keep in the history of rows, once, why a decision is not made again for them."""
    told = quarantine.left(root.dataset, root.id)
    rows = rows.join(told, on=ROW_ID, how="anti").with_columns(patch=pl.lit(None, dtype=pl.String))
    if rows.height:
        stores.ledger.decide(
            Act.COMMENT,
            root.dataset,
            partial(write_rows, stores.state, rows),
            rows=rows.height,
            who=ITSELF,
            why=f"stays held: {why}",
            terms={"not_again": root.id},
        )


def _apply_again(stores: Stores, dataset: str, rows: pl.DataFrame) -> Decision:
    """Make a decision again, for rows of which it holds alike."""
    first = rows.row(0, named=True)
    terms = {"again": first["root"]}
    if first["act"] in (Act.WAIVE, Act.RELEASE):
        terms["checks"] = first["waived"]
    if first["act"] == Act.WAIVE:
        terms["until"] = first["until"].isoformat()
    patch = "patch" if first["act"] == Act.CORRECT else None
    kept = rows.with_columns(patch=pl.col(patch) if patch else pl.lit(None, dtype=pl.String))
    return stores.ledger.decide(
        Act(first["act"]),
        dataset,
        partial(write_rows, stores.state, kept),
        rows=rows.height,
        who=ITSELF,
        why=f"the same content as in decision {first['root']}: {first['why']}",
        terms=terms,
    )


def _still_published(stores: Stores, contract: Contract, found: pl.DataFrame) -> pl.DataFrame:
    """The rows without those that newer ones have replaced in the table since their release."""
    if not found["published"].any():
        return found
    current = stores.ledger.head(contract.dataset)
    if current is None:
        return found.filter(~pl.col("published"))
    wanted = pl.col(ROW_ID).is_in(found[ROW_ID].implode())
    there = stores.table(current).filter(wanted).select(ROW_ID).collect(engine="streaming")
    return found.filter(~pl.col("published") | pl.col(ROW_ID).is_in(there[ROW_ID].implode()))


def _replayed(stores: Stores, contract: Contract, chosen: pl.DataFrame, as_of: AsOf) -> Outcome:
    rejected = chosen.filter(pl.col("cause") == "rejected")[ROW_ID].to_list()
    done = replayed(stores, contract, chosen, as_of=as_of, rejected=rejected)
    said = [f"{count:,} {_CAUSES[cause]}" for cause, count in _counted(chosen["cause"])]
    snapshot = stores.ledger.snapshot(contract.dataset, done.snapshot)
    return Outcome(
        contract.dataset,
        "held rows: " + ", ".join(said),
        State.CANDIDATE if done.reasons else State.PUBLISHED,
        stores.ledger.run(snapshot.run) if snapshot else None,
        done.reasons,
        contract.owner,
        waived=waived_in(stores.manifest(snapshot)).height if snapshot else 0,
        warnings=done.warnings,
    )


def _counted(causes: pl.Series) -> list[tuple[str, int]]:
    """How many rows heal for which cause, in the order of `_CAUSES`."""
    counts = {cause: int((causes == cause).sum()) for cause in _CAUSES}
    return [(cause, count) for cause, count in counts.items() if count]


def _withheld(contract: Contract, why: str) -> Outcome:
    return Outcome(
        contract.dataset, "held rows", State.UNCHANGED, reasons=(why,), owner=contract.owner
    )


def _left(contract: Contract, why: str, rows: pl.DataFrame) -> Outcome:
    what = f"held rows: {rows.height:,} stay held"
    return Outcome(contract.dataset, what, State.UNCHANGED, None, (why,), contract.owner)


def _rejected(contract: Contract, decision: Decision) -> Outcome:
    what = f"held rows: {decision.rows:,} rejected again, as in decision {decision.terms['again']}"
    return Outcome(contract.dataset, what, State.UNCHANGED, owner=contract.owner)
