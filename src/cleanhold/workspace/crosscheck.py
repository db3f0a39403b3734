"""Does what a workspace declares fit together?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cleanhold.core.contract import Contract, LoadMode
from cleanhold.core.feature import Feature
from cleanhold.core.source import Source
from cleanhold.errors import ContractError, SourceError


def cross_check(
    contracts: Mapping[str, Contract], sources: Sequence[Source], features: Sequence[Feature]
) -> None:
    """Hold contracts, sources and features against each other.

    Raises:
        ContractError: a reference to what does not exist.
        SourceError: a source or feature names what does not exist, or feeds what another feeds.
    """
    for contract in contracts.values():
        _check_references(contract, contracts)
    names: set[str] = set()
    for source in sources:
        if source.name in names:
            raise SourceError(f"two sources are called {source.name!r}", next="rename one of them")
        names.add(source.name)
        _require_contract(source.dataset, f"source {source.name}", contracts)
    for feature in features:
        _check_feature(feature, contracts)
    _check_feeders(contracts, sources, features)


def _check_references(contract: Contract, contracts: Mapping[str, Contract]) -> None:
    for reference in contract.references:
        target = contracts.get(reference.dataset)
        if target is None or any(target.column(c) is None for c in reference.columns):
            missing = "dataset" if target is None else "column"
            raise ContractError(
                f"it references {reference}, but there is no such {missing}",
                where=contract.where,
                next="write its contract, or correct the name; datasets are "
                + ", ".join(contracts),
            )


def _check_feature(feature: Feature, contracts: Mapping[str, Contract]) -> None:
    for dataset in (feature.dataset, *feature.inputs.values()):
        _require_contract(dataset, feature.where, contracts)
    contract = contracts[feature.dataset]
    if contract.load is not LoadMode.REPLACE:
        raise SourceError(
            f"{feature.dataset} is built whole each time, but its contract says "
            f"load={str(contract.load)!r}",
            where=f"{feature.where} and {contract.where}",
            next="write load='replace' in the contract",
        )


def _check_feeders(
    contracts: Mapping[str, Contract], sources: Sequence[Source], features: Sequence[Feature]
) -> None:
    """A table that is replaced whole has one origin; a feature table always."""
    feeders: dict[str, list[str]] = {}
    for source in sources:
        feeders.setdefault(source.dataset, []).append(f"source {source.name}")
    for feature in features:
        feeders.setdefault(feature.dataset, []).append(feature.where)
    for dataset, found in feeders.items():
        if len(found) > 1 and contracts[dataset].load is LoadMode.REPLACE:
            raise SourceError(
                f"{dataset} would be replaced by each of {len(found)} in turn",
                where=" and ".join(found),
                next="give each its own dataset, or load='upsert' or 'append' to bring sources "
                "together",
            )


def _require_contract(dataset: str, where: str, contracts: Mapping[str, Contract]) -> None:
    if dataset not in contracts:
        raise SourceError(
            f"there is no contract for {dataset!r}",
            where=where,
            next="write one in contracts/, or correct the name; there are "
            + (", ".join(contracts) or "none yet"),
        )
