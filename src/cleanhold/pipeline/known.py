"""known: the dataset that a person names, or an error that helps to name another."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from cleanhold.core.contract import Contract
from cleanhold.errors import UnknownDataset
from cleanhold.pipeline.stores import Stores


def contract_of(stores: Stores, dataset: str) -> Contract:
    """The contract of a dataset, as the workspace declares it today.

    Raises:
        UnknownDataset: there is none.
    """
    if dataset not in stores.contracts:
        raise unknown(f"there is no contract for {dataset!r}", dataset, stores.contracts)
    return stores.contracts[dataset]


def require_dataset(stores: Stores, dataset: str) -> None:
    """A contract or a snapshot has that name.

    Raises:
        UnknownDataset: none has.
    """
    known = dict.fromkeys((*stores.contracts, *stores.ledger.datasets()))
    if dataset not in known:
        raise unknown(f"there is no dataset {dataset!r}", dataset, known)


def unknown(what: str, dataset: str, known: Iterable[str]) -> UnknownDataset:
    """The error: what is not there, and what it could have been."""
    names = sorted(known)
    close = difflib.get_close_matches(dataset, names, n=1)
    others = "use one of " + (", ".join(names) or "none: declare one first")
    return UnknownDataset(what, next=f"did you mean {close[0]!r}?" if close else others)
