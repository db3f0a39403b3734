"""What a workspace declares: its contracts, sources and feature tables, and their order."""

from __future__ import annotations

import graphlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from cleanhold.core.contract import Contract
from cleanhold.core.feature import Feature, feature_of
from cleanhold.core.source import Source
from cleanhold.errors import ContractError, SourceError
from cleanhold.plan.load import import_file, load_contracts, root_of
from cleanhold.workspace.crosscheck import cross_check
from cleanhold.workspace.expectations import with_expectations
from cleanhold.workspace.settings import Settings


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything declared, checked against each other.

    Attributes:
        contracts: dataset → contract.
        sources: by name, in the order that references ask for.
        features: by dataset, inputs before the tables built from them.
    """

    contracts: Mapping[str, Contract]
    sources: Mapping[str, Source]
    features: Mapping[str, Feature]

    def contract(self, dataset: str) -> Contract:
        """The contract of a dataset.

        Raises:
            ContractError: there is none.
        """
        if dataset not in self.contracts:
            raise ContractError(
                f"no contract for the dataset {dataset!r}",
                next="use one of " + ", ".join(self.contracts),
            )
        return self.contracts[dataset]


def read_catalogue(root: Path, settings: Settings) -> Catalogue:
    """Load and cross-check a workspace's contracts, sources and features.

    Raises:
        ContractError, SourceError: a declaration is mistaken, or names what does not exist.
    """
    contracts = with_expectations(root, _contracts(root, root / settings.contracts))
    sources = _declared(root, settings, "sources", _sources_in)
    features = _declared(root, settings, "features", _features_in)
    cross_check(contracts, sources, features)
    return _ordered(contracts, sources, features)


def _ordered(
    contracts: Mapping[str, Contract], sources: Sequence[Source], features: Sequence[Feature]
) -> Catalogue:
    order = _order(contracts, sources, features)
    ranked_sources = sorted(sources, key=lambda s: order.index(s.dataset))
    ranked_features = sorted(features, key=lambda f: order.index(f.dataset))
    return Catalogue(
        contracts=contracts,
        sources={s.name: s for s in ranked_sources},
        features={f.dataset: f for f in ranked_features},
    )


def _contracts(root: Path, folder: Path) -> dict[str, Contract]:
    found: dict[str, Contract] = {}
    for path in sorted(folder.glob("*.py")):
        if path.name.startswith("_"):
            continue
        for contract in load_contracts(path, root).values():
            if contract.dataset in found:
                raise ContractError(
                    f"two contracts are for the dataset {contract.dataset!r}",
                    where=f"{found[contract.dataset].where} and {contract.where}",
                    next="keep one, or rename the other",
                )
            found[contract.dataset] = contract
    return found


def load_source(spec: str) -> Source:
    """The source at `PATH:NAME`; the name is that of the variable or of the source.

    Args:
        spec: a Python file, and the name if it declares several.

    Raises:
        SourceError: it declares no such source.
        ContractError: there is no such file, or it raises.
    """
    path_text, colon, name = spec.rpartition(":")
    if not colon:
        path_text, name = spec, ""
    path = Path(path_text)
    module = import_file(path, root_of(path))
    found = list(_sources_in(module))
    named = [s for s in found if not name or name == s.name or vars(module).get(name) is s]
    if len(named) != 1:
        raise SourceError(
            f"{path} declares no source {name!r}" if name else f"{path} has {len(found)} sources",
            next="say which: " + " or ".join(f"{path}:{s.name}" for s in found)
            if found
            else "declare one: name = Source(…)",
        )
    return named[0]


def _declared(root: Path, settings: Settings, setting: str, pick: Any) -> list[Any]:
    """What a file declares; only the file of a default setting may be missing."""
    file = str(getattr(settings, setting))
    path = root / file
    if not path.is_file() and file == getattr(Settings(), setting):
        return []
    return list({id(found): found for found in pick(import_file(path, root))}.values())


def _sources_in(module: ModuleType) -> Iterator[Source]:
    for value in vars(module).values():
        members = value if isinstance(value, list | tuple) else [value]
        yield from (m for m in members if isinstance(m, Source))


def _features_in(module: ModuleType) -> Iterator[Feature]:
    declared = (feature_of(value) for value in vars(module).values())
    yield from (f for f in declared if f is not None)


def _order(
    contracts: Mapping[str, Contract],
    sources: Sequence[Source],
    features: Sequence[Feature],
) -> list[str]:
    """Datasets, each after those it references or is built from."""
    graph = {name: contract.referenced for name, contract in contracts.items()}
    for feature in features:
        graph[feature.dataset] = graph.get(feature.dataset, set()) | set(feature.inputs.values())
    try:
        return list(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as error:
        raise ContractError(
            "datasets depend on each other in a circle: " + " → ".join(error.args[1]),
            next="remove one of these references or inputs",
        ) from error
