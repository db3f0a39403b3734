"""The lineage graph of a workspace, and what a change in it touches."""

from __future__ import annotations

from dataclasses import replace

from cleanhold.core.graph import Graph
from cleanhold.core.impact import Impact
from cleanhold.core.revision import Revision
from cleanhold.pipeline.breaking import broken
from cleanhold.pipeline.lineage_graph import lineage_graph
from cleanhold.pipeline.stores import Stores
from cleanhold.workspace.flows import flows_in
from cleanhold.workspace.workspace import Workspace


def broken_by(workspace: Workspace, found: Revision) -> list[Impact]:
    """What the breaking changes of a contract would touch in a workspace that has the older one.

    Raises: as `graph_of`.
    """
    with workspace.open() as stores:
        contracts = {**stores.contracts, found.before.dataset: found.before}
        return broken(graph_of(workspace, replace(stores, contracts=contracts)), found)


def graph_of(workspace: Workspace, stores: Stores) -> Graph:
    """What a workspace declares and what ran in it.

    Raises:
        ContractError, SourceError: a declaration is mistaken.
        DamagedFile: a manifest was changed.
    """
    flows = flows_in((workspace.root / workspace.settings.sources).parent)
    return lineage_graph(stores, workspace.catalogue.features, flows)
