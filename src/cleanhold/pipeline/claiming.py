"""claiming: a run is worked on under a claim, which is kept alive and given back."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from cleanhold.core.account import Account
from cleanhold.core.contract import Contract
from cleanhold.core.run import Input, Run, RunState
from cleanhold.errors import CleanholdError, RunInProgress
from cleanhold.pipeline.configuration import configuration
from cleanhold.pipeline.flow_run import tell_start
from cleanhold.pipeline.metering import metered
from cleanhold.pipeline.person import who_acts
from cleanhold.pipeline.signing import signer_of
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.trace import STAGED, trace
from cleanhold.store.claims import Claim, abandon, lost
from cleanhold.store.heartbeat import beating

_log = logging.getLogger(__name__)


@contextmanager
def claimed(
    stores: Stores,
    key: str,
    contract: Contract,
    inputs: Sequence[Input],
    following: int,
    details: Mapping[str, Any] | None = None,
) -> Iterator[Claim | Run]:
    """The claim of a run while the block works on it, or the run if it was finished before.

    If the block raises, the run has failed and may be claimed again.

    Args:
        key: the run key.
        following: see `Ledger.claim`.
        details: what the run and the audit log keep beside it, JSON values.

    Raises:
        RunInProgress: another process is at the dataset, or has taken the run over.
    """
    flow = {"flow": stores.flow.as_dict()} if stores.flow else {}
    used_here = configuration(stores)  # first: if it cannot be told, nothing is claimed
    claim = stores.ledger.claim(
        key,
        contract.dataset,
        inputs=inputs,
        contract_version=contract.version,
        lease_seconds=stores.lease,
        following=following,
        details={**(details or {}), **flow},
    )
    if isinstance(claim, Run):
        yield claim
        return
    with beating(stores.ledger, claim, stores.lease), metered() as used:
        claim = replace(claim, used=used, who=who_acts(), configuration=used_here)
        try:
            _tell(stores, claim, contract)
            yield replace(claim, signer=signer_of(stores))
        except BaseException as error:
            if _is_lost(stores, claim, contract, error) and not isinstance(error, RunInProgress):
                # Recovery has removed the files under its feet: that is not the news.
                raise lost(claim) from error
            raise
        _tell(stores, claim, contract)


def tell_staged(stores: Stores, claim: Claim, contract: Contract, account: Account) -> Claim:
    """Have it told how the rows of a run were divided; gives the claim that keeps it."""
    at = stores.ledger.now()
    kept = {STAGED: {"at": at.isoformat(), "account": account.as_dict()}}
    claim = replace(claim, details={**claim.details, **kept})
    _tell(stores, claim, contract)
    return claim


def _tell(stores: Stores, claim: Claim, contract: Contract) -> None:
    """Write what lineage may know by now. It is told again when the run has ended, so nothing is
    lost if this fails; an attempt that has lost its claim has nothing to tell."""
    try:
        tell_start(stores)
        run = stores.ledger.run(claim.run)
        is_mine = run is not None and run.attempt == claim.attempt
        if run is not None and is_mine and run.state is not RunState.FAILED:
            run = replace(run, details={**run.details, **claim.details})
            trace(stores, run, contract=contract)
    except Exception as error:  # noqa: BLE001 - what is told must not decide what is done
        _log.info("lineage of %s is told when it has ended: %s", claim.dataset, error)


def _is_lost(stores: Stores, claim: Claim, contract: Contract, error: BaseException) -> bool:
    """Give the claim back; whether it had been lost."""
    what = error.what if isinstance(error, CleanholdError) else type(error).__name__
    by_person = not isinstance(error, Exception)
    try:
        given_back = stores.ledger.fail(claim, [what], interrupted=by_person)
    except CleanholdError:  # the failure itself is the news
        abandon(claim)
        return False
    with suppress(CleanholdError):
        run = stores.ledger.run(claim.run)
        if given_back and run:
            trace(stores, run, contract=contract, interrupted=by_person)
        elif run:
            return run.attempt != claim.attempt or run.state is RunState.FAILED
    return False
