"""The lineage graph of a workspace, and what a change in it touches."""

from __future__ import annotations

from cleanhold.core.graph import Graph
from cleanhold.pipeline.lineage_graph import lineage_graph
from cleanhold.pipeline.stores import Stores
from cleanhold.workspace.flows import flows_in
from cleanhold.workspace.workspace import Workspace


def graph_of(workspace: Workspace, stores: Stores) -> Graph:
    """What a workspace declares and what ran in it.

    Raises:
        ContractError, SourceError: a declaration is mistaken.
        DamagedFile: a manifest was changed.
    """
    flows = flows_in((workspace.root / workspace.settings.sources).parent)
    return lineage_graph(stores, workspace.catalogue.features, flows)
