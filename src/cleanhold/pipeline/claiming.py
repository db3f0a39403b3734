"""claiming: a run is worked on under a claim, which is kept alive and given back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from cleanhold.core.contract import Contract
from cleanhold.core.run import Input, Run, RunState
from cleanhold.errors import CleanholdError, RunInProgress
from cleanhold.pipeline.configuration import configuration
from cleanhold.pipeline.metering import metered
from cleanhold.pipeline.person import who_acts
from cleanhold.pipeline.signing import signer_of
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.trace import trace
from cleanhold.store.claims import Claim, abandon, lost
from cleanhold.store.heartbeat import beating


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
    claim = stores.ledger.claim(
        key,
        contract.dataset,
        inputs=inputs,
        contract_version=contract.version,
        lease_seconds=stores.lease,
        following=following,
        details=details,
    )
    if isinstance(claim, Run):
        yield claim
        return
    with beating(stores.ledger, claim, stores.lease), metered() as used:
        claim = replace(claim, used=used, who=who_acts(), configuration=configuration(stores))
        try:
            yield replace(claim, signer=signer_of(stores))
        except BaseException as error:
            if _is_lost(stores, claim, error) and not isinstance(error, RunInProgress):
                # Recovery has removed the files under its feet: that is not the news.
                raise lost(claim) from error
            raise


def _is_lost(stores: Stores, claim: Claim, error: BaseException) -> bool:
    """Give the claim back; whether it had been lost."""
    what = error.what if isinstance(error, CleanholdError) else type(error).__name__
    try:
        given_back = stores.ledger.fail(claim, [what])
    except CleanholdError:  # the failure itself is the news
        abandon(claim)
        return False
    with suppress(CleanholdError):
        run = stores.ledger.run(claim.run)
        if given_back and run:
            trace(stores, run)
        elif run:
            return run.attempt != claim.attempt or run.state is RunState.FAILED
    return False
