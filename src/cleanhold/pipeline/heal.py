"""heal: held rows that people have decided on before, and waivers that are over."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial

import polars as pl

from cleanhold.core.contract import Contract
from cleanhold.core.decision import Act, Decision
from cleanhold.core.finding import ROW_ID
from cleanhold.errors import LedgerError, StateError
from cleanhold.pipeline.person import ITSELF
from cleanhold.pipeline.publish import Outcome, State
from cleanhold.pipeline.replay import replayed
from cleanhold.pipeline.stores import Stores
from cleanhold.store.decisions import write_rows
from cleanhold.store.feeding import catch_up
from cleanhold.store.quarantine import Quarantine

_log = logging.getLogger(__name__)


def heal(stores: Stores, contract: Contract) -> list[Outcome]:
    """Do again what was decided on the same content, and judge again what a waiver let through.

    A row of the same content as one that was corrected, waived or released, and then published by
    a replay, gets the same decision and is replayed; one of the content of a rejected row is
    rejected. Nothing is repeated that was reopened since, whose last replay held the row, or whose
    waiver is over. Published rows whose waiver is over are judged without it, and held if they
    fail. Doing it again changes nothing.

    Returns:
        What became of the rows; nothing if there were none, or if the quarantine cannot be asked:
        runs do not wait for it, and the next one heals.
    """
    following = stores.number(contract.dataset)
    try:
        decided, found = _found(stores, contract.dataset)
    except LedgerError:
        raise
    except (StateError, OSError, pl.exceptions.PolarsError) as error:
        _log.warning("%s: held rows heal at the next run: %s", contract.dataset, error)
        return []
    outcomes = [_rejected(contract, d) for d in decided if d.act is Act.REJECT]
    chosen = _still_published(stores, contract, found)
    if chosen.height:
        outcomes.append(_replayed(stores, contract, chosen, following))
    return outcomes


def _found(stores: Stores, dataset: str) -> tuple[list[Decision], pl.DataFrame]:
    """What was decided again just now, and the rows to replay."""
    quarantine = Quarantine(stores.state)
    catch_up(stores.state, stores.ledger, quarantine)
    decided = list(_decided_again(stores, dataset, quarantine))
    if decided:
        catch_up(stores.state, stores.ledger, quarantine)
    return decided, quarantine.to_heal(dataset)


def _decided_again(stores: Stores, dataset: str, quarantine: Quarantine) -> Iterator[Decision]:
    """One decision for each that is applied again."""
    found = quarantine.decided_before(dataset)
    for rows in found.partition_by("root", "act", "waived", "until", maintain_order=True):
        first = rows.row(0, named=True)
        terms = {"again": first["root"]}
        if first["act"] in (Act.WAIVE, Act.RELEASE):
            terms["checks"] = first["waived"]
        if first["act"] == Act.WAIVE:
            terms["until"] = first["until"].isoformat()
        patch = "patch" if first["act"] == Act.CORRECT else None
        kept = rows.with_columns(patch=pl.col(patch) if patch else pl.lit(None, dtype=pl.String))
        yield stores.ledger.decide(
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
    current = stores.ledger.snapshot(contract.dataset)
    if current is None:
        return found.filter(~pl.col("published"))
    wanted = pl.col(ROW_ID).is_in(found[ROW_ID].implode())
    there = stores.table(current).filter(wanted).select(ROW_ID).collect(engine="streaming")
    return found.filter(~pl.col("published") | pl.col(ROW_ID).is_in(there[ROW_ID].implode()))


def _replayed(stores: Stores, contract: Contract, chosen: pl.DataFrame, following: int) -> Outcome:
    done = replayed(stores, contract, chosen, following)
    over = int(chosen["published"].sum())
    told = ((chosen.height - over, "decided on before"), (over, "whose waiver is over"))
    said = [f"{count:,} {words}" for count, words in told if count]
    snapshot = stores.ledger.snapshot(contract.dataset, done.snapshot)
    return Outcome(
        contract.dataset,
        "held rows: " + ", ".join(said),
        State.CANDIDATE if done.reasons else State.PUBLISHED,
        stores.ledger.run(snapshot.run) if snapshot else None,
        done.reasons,
        contract.owner,
    )


def _rejected(contract: Contract, decision: Decision) -> Outcome:
    what = f"held rows: {decision.rows:,} rejected again, as in decision {decision.terms['again']}"
    return Outcome(contract.dataset, what, State.UNCHANGED, owner=contract.owner)
