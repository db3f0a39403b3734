"""pacts: is a snapshot what its consumers need? Answered when it is published, or when asked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.audits.pacts import Table, unmet
from cleanhold.core.audit import Compared
from cleanhold.core.contract import EXTRA, Contract
from cleanhold.core.pact import Pact, PactAnswer, of_dataset
from cleanhold.core.snapshot import Channel, Manifest, Snapshot
from cleanhold.errors import CleanholdError
from cleanhold.pipeline.stores import Stores
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from cleanhold.store.snapshots import data_paths, read_manifest

#: Reasons that are told of one pact; of more, nobody reads the rest.
MOST = 20


def answers(stores: Stores, contract: Contract, data: Sequence[Path]) -> tuple[PactAnswer, ...]:
    """What the consumers of a dataset make of a table that is to be published."""
    personal = [*(column.name for column in contract.personal), EXTRA]
    return tuple(
        _judged(stores.state, stores.ledger, pact, data, personal)
        for pact in of_dataset(stores.pacts, contract.dataset)
    )


def kept(found: Iterable[PactAnswer]) -> dict[str, Any]:
    """The answers for the details of a manifest; nothing where nobody needs the dataset."""
    listed = [answer.as_dict() for answer in found if answer.fingerprint]
    return {"pacts": listed} if listed else {}


def warnings(found: Iterable[PactAnswer]) -> tuple[str, ...]:
    """Of the consumers that do not get what they need: who, and why."""
    return tuple(
        f"{answer.consumer} ({answer.owner or 'the pact names no owner'}) does not get what it "
        f"needs: {'; '.join(answer.reasons)}"
        for answer in found
        if not answer.is_met
    )


def answer_of(
    state: StateFolder, ledger: Ledger, pact: Pact, manifest: Manifest, *, most: int = MOST
) -> PactAnswer:
    """What a consumer makes of a published snapshot: as it was kept, if nothing that decides has
    changed since; else it is judged now."""
    beside = _baseline(ledger, pact)
    asked = (pact.fingerprint(), beside.number if beside else None)
    for value in manifest.details.get("pacts", ()):
        answer = PactAnswer.from_dict(value)
        if answer.consumer == pact.consumer and (answer.fingerprint, answer.baseline) == asked:
            return answer
    personal = manifest.details.get("personal", ())
    return _judged(state, ledger, pact, data_paths(state, manifest), personal, most)


def _judged(
    state: StateFolder,
    ledger: Ledger,
    pact: Pact,
    data: Sequence[Path],
    personal: Collection[str],
    most: int = MOST,
) -> PactAnswer:
    """Judge a table. What cannot be judged now is not met, for now."""
    baseline = _baseline(ledger, pact)
    number = baseline.number if baseline else None
    fingerprint = pact.fingerprint()
    if lost := _lost(pact, baseline):
        return PactAnswer(pact.consumer, pact.owner, "", (lost,), number)
    try:
        beside = _compared(state, baseline) if baseline else None
        hidden = [name for name in pact.columns if _is_of(name, personal)]
        reasons = tuple(islice(unmet(pact, Table(data, hidden, beside)), most))
    except (CleanholdError, OSError, pl.exceptions.PolarsError) as error:
        fingerprint, reasons = "", (f"it cannot be judged: {str(error).splitlines()[0]}",)
    return PactAnswer(pact.consumer, pact.owner, fingerprint, reasons, number)


def _is_of(column: str, personal: Collection[str]) -> bool:
    """Whether a column is one of these; a contract may name several by a pattern."""
    if column in personal:
        return True
    for name in personal:
        with suppress(re.error):  # it may be a header
            if re.fullmatch(name, column):
                return True
    return False


def _baseline(ledger: Ledger, pact: Pact) -> Snapshot | None:
    """What the drift of a consumer's columns is measured from; None if it watches none."""
    if not pact.watches_drift:
        return None
    found = ledger.snapshot(pact.dataset, pact.baseline, Channel.BASELINE)
    return None if found is None or found.channel is Channel.CANDIDATE else found


def _lost(pact: Pact, baseline: Snapshot | None) -> str:
    """Why nothing can be measured from the baseline that the pact names; empty if it can."""
    if pact.baseline is None or not pact.watches_drift:
        return ""
    if baseline is None:
        return f"drift cannot be measured: there is no snapshot {pact.baseline}, its baseline"
    if baseline.expired is not None:
        return f"drift cannot be measured: snapshot {pact.baseline}, its baseline, has expired"
    return ""


def _compared(state: StateFolder, baseline: Snapshot) -> Compared:
    files = data_paths(state, read_manifest(state, baseline.manifest))
    return Compared(baseline.number, files)
