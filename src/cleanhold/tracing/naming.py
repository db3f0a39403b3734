"""What a workspace calls things in lineage, and where its events go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeVar

from cleanhold.errors import WorkspaceError

_T = TypeVar("_T")


class Name(NamedTuple):
    """How OpenLineage names a dataset or a job."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Folder:
    """Events as files, one per event, under a folder.

    Attributes:
        path: absolute, or relative to the folder the workspace keeps its state in.
    """

    path: str = "lineage"

    def under(self, state: Path) -> Path:
        """The folder itself, given the workspace's state folder."""
        return state / self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """The names of one workspace. Its `lineage/naming.py` holds one, called `naming`.

    Attributes:
        namespace: of the workspace's jobs and datasets. Two workspaces that report to one
            lineage server need two.
        sources: source system (`crm`), or one source (`crm.contacts`), to the namespace its
            deliveries come from. The longest name that fits wins.
        owners: dataset, or the start of its dotted name, to its owner or owners. Where none
            is given, the contract's owner is taken.
        transport: where events go.

    Raises:
        WorkspaceError: a namespace or owner is empty or has spaces in it.
    """

    namespace: str
    sources: Mapping[str, str] = field(default_factory=dict)
    owners: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    transport: Folder = field(default_factory=Folder)

    def __post_init__(self) -> None:
        _require(self.namespace, "namespace")
        for system, namespace in self.sources.items():
            _require(namespace, f"sources[{system!r}]")
        for dataset, owner in self.owners.items():
            for one in _several(owner):
                _require(one, f"owners[{dataset!r}]")

    def dataset(self, dataset: str) -> Name:
        """The table readers get."""
        return Name(self.namespace, dataset)

    def candidate(self, dataset: str) -> Name:
        """A snapshot that was stopped. Its own name: it is not what readers get.

        Dataset names cannot contain `@`, so this and the next three never collide with one.
        """
        return Name(self.namespace, f"{dataset}@candidate")

    def pilot(self, dataset: str) -> Name:
        """A snapshot that waits to be promoted: it is not what readers get yet."""
        return Name(self.namespace, f"{dataset}@pilot")

    def quarantine(self, dataset: str) -> Name:
        """The held rows of a dataset."""
        return Name(self.namespace, f"{dataset}@quarantine")

    def refused(self, dataset: str) -> Name:
        """The records of a dataset's extracts that could not become rows."""
        return Name(self.namespace, f"{dataset}@refused")

    def source(self, source: str) -> Name:
        """What a source delivers. One name for all deliveries; each is a version of it."""
        return Name(_closest(self.sources, source) or f"{self.namespace}/sources", source)

    def owners_of(self, dataset: str, default: str = "") -> tuple[str, ...]:
        """Who answers for a dataset; empty if neither the workspace nor the contract says."""
        named = _closest(self.owners, dataset)
        if named is not None:
            return _several(named)
        return (default,) if default else ()


def _closest(table: Mapping[str, _T], name: str) -> _T | None:
    """The entry for a dotted name, or for the longest start of it that has one."""
    while name:
        if name in table:
            return table[name]
        name = name.rpartition(".")[0]
    return None


def _several(owner: str | Sequence[str]) -> tuple[str, ...]:
    return (owner,) if isinstance(owner, str) else tuple(owner)


def _require(name: object, what: str) -> None:
    if not isinstance(name, str) or not name or any(c.isspace() for c in name):
        raise WorkspaceError(
            f"{what} must be a text without spaces, not {name!r}",
            where="the workspace's lineage names",
            next="write a name such as 'insurer' or 'file://legacy-host' in lineage/naming.py",
        )
