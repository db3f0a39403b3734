"""What a workspace calls things in lineage, and where its events go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from cleanhold.errors import WorkspaceError
from cleanhold.tracing.destinations import Destination, Folder

_T = TypeVar("_T")

#: What `Naming.transport` takes, one or several.
Transport = Folder | Destination


class Name(NamedTuple):
    """How OpenLineage names a dataset or a job."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a source is, as the naming rules of the specification have it.

    Attributes:
        uri: of the system that holds it.
        query: what is asked there, in `dialect`; empty if it is no database.
    """

    name: Name
    uri: str
    query: str = ""
    dialect: str = ""


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
        places: source to where it is, by the naming rules of the specification; filled by the
            workspace from what the sources say, for those that `sources` does not name.
        transport: where events go: a folder, servers, or several of them. There is always one
            folder, `lineage` if none is named: servers get what is in it.

    Raises:
        WorkspaceError: a namespace or owner is empty or has spaces in it; there are two folders,
            or two destinations of one name.
    """

    namespace: str
    sources: Mapping[str, str] = field(default_factory=dict)
    owners: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    transport: Transport | Sequence[Transport] = field(default_factory=Folder)

    def __post_init__(self) -> None:
        _require(self.namespace, "namespace")
        for system, namespace in self.sources.items():
            _require(namespace, f"sources[{system!r}]")
        for dataset, owner in self.owners.items():
            for one in _several(owner):
                _require(one, f"owners[{dataset!r}]")
        names = [to.name for to in self.destinations]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice or sum(isinstance(to, Folder) for to in self._transports) > 1:
            what = f"two destinations called {twice[0]!r}" if twice else "two folders"
            raise WorkspaceError(
                f"transport has {what}",
                where="the workspace's lineage names",
                next="give each a name of its own: name='marquez'" if twice else "keep one of them",
            )

    @property
    def _transports(self) -> Sequence[Transport]:
        given = self.transport
        return given if isinstance(given, Sequence) else (given,)

    @property
    def folder(self) -> Folder:
        """Where every event is written to, before anybody gets it."""
        return next((to for to in self._transports if isinstance(to, Folder)), Folder())

    @property
    def destinations(self) -> tuple[Destination, ...]:
        """The servers that events are sent to."""
        return tuple(to for to in self._transports if not isinstance(to, Folder))

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
        if named := _closest(self.sources, source):
            return Name(named, source)
        if place := self.places.get(source):
            return place.name
        return Name(f"{self.namespace}/sources", source)

    def uri(self, source: str) -> str:
        """The system that a source is of: as it says itself, else by its namespace."""
        if place := self.places.get(source):
            return place.uri
        namespace = self.source(source).namespace
        return namespace if "://" in namespace else f"urn:cleanhold:{namespace}"

    def local(self, path: str) -> Name:
        """A file or folder, from the workspace on; one with an absolute path is of the machine."""
        if path.startswith("/"):
            return Name("file", path)
        return Name(f"file://{self.namespace}", path)

    def consumer(self, consumer: str) -> str:
        """The job of a consumer that a pact names."""
        return f"consumer.{consumer}"

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
