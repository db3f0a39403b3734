"""guard: a contract for one record at a time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleanhold.errors import NeverPublished, UnknownDataset, UsageError
from cleanhold.workspace.workspace import Workspace

if TYPE_CHECKING:
    import polars as pl

    from cleanhold.core.contract import Contract
    from cleanhold.online.guard import Guard


def guard(
    contract: str | Contract | Any,
    *,
    references: Mapping[str, pl.DataFrame | pl.LazyFrame] | None = None,
    published: bool = False,
    source: str | None = None,
    workspace: Path | str | None = None,
) -> Guard:
    """Compile a contract for records that come one at a time.

        contacts = cleanhold.guard("crm.contacts")
        contacts.check({"Contact ID": "C-000001", "E-mail": "a@b.example", …}).ok

    Keys of references and of published rows are those of the newest published snapshots when
    this is called. Make a new guard to see later ones.

    Args:
        contract: a dataset of the workspace, `PATH` or `PATH:Name` of a contract file, a
            contract that `load_contract` gave, or a pandera model.
        references: dataset → table, for references; they come before the workspace's snapshots.
        published: compare unique columns with the rows that the dataset has published.
        source: judge as what this source of the dataset delivers is judged. Needed only where
            its sources differ in which texts mean "no value".
        workspace: the workspace folder; if None, the current one or one above is looked for
            where one is needed: for a dataset's name, and for `published`.

    Raises:
        WorkspaceError: a workspace is needed, and there is none.
        ContractError: the contract is mistaken, or a table lacks a column it refers to.
        DamagedFile: bytes of a snapshot changed since they were published.
        UsageError: `contract` is nothing of these; or a source has to be named, or is none of
            the dataset's.
    """
    import polars as pl

    from cleanhold.online.guard import Guard

    named = isinstance(contract, str) and not _is_path(contract)
    home = Workspace.find(workspace) if named or published or workspace is not None else None
    declared = _declared(contract, home if named else None)
    if source is not None or named:
        declared = _fed_by(declared, home or Workspace.find(), source)
    tables = {name: table.lazy() for name, table in (references or {}).items()}
    for dataset in {r.dataset for r in declared.references} - tables.keys():
        found = _newest(home, dataset)
        if found is not None:
            tables[dataset] = found
    own = None
    if published:
        own = _newest(home, declared.dataset)
        if own is None:  # nothing is taken yet
            own = pl.LazyFrame(schema={c.name: c.dtype for c in declared.columns})
    return Guard(declared, tables, own)


def _is_path(name: str) -> bool:
    path, _, model = name.rpartition(":")
    return name.endswith(".py") or (path.endswith(".py") and model.isidentifier())


def _declared(given: Any, home: Workspace | None) -> Contract:
    from cleanhold.core.contract import Contract
    from cleanhold.plan.declare import is_model
    from cleanhold.plan.load import load_contract
    from cleanhold.plan.model import read_model

    if isinstance(given, Contract):
        return given
    if isinstance(given, str):
        return home.catalogue.contract(given) if home else load_contract(given)
    if is_model(given):
        return read_model(given, getattr(given, "__name__", None) or given.name or "dataset")
    raise UsageError(
        f"{given!r:.60} is no contract",
        next="give a dataset's name, PATH:Name of a contract file, or a pandera model",
    )


def _fed_by(contract: Contract, home: Workspace, name: str | None) -> Contract:
    """The contract as what its sources deliver is judged by it."""
    sources = home.catalogue.sources.values()
    feeders = {s.name: s.judged_by(contract) for s in sources if s.dataset == contract.dataset}
    if name is not None and name not in feeders:
        raise UsageError(
            f"no source {name!r} feeds {contract.dataset}",
            next="use one of " + (", ".join(feeders) or "none: leave `source` out"),
        )
    found = [feeders[name]] if name is not None else list(feeders.values())
    if len({judged.nulls for judged in found}) > 1:
        raise UsageError(
            f"the sources of {contract.dataset} differ in which texts mean 'no value'",
            next=f"say whose records these are: source= one of {', '.join(feeders)}",
        )
    return found[0] if found else contract


def _newest(home: Workspace | None, dataset: str) -> pl.LazyFrame | None:
    if home is None:
        return None
    try:
        return home.read(dataset)
    except (NeverPublished, UnknownDataset):
        return None
