"""Deliveries that are the rows of a dlt resource: they land as NDJSON, beside the resource's state.

NDJSON, because dlt gives Python dictionaries whose keys and types may change from row to row: it
keeps each row as it came, in one pass. The rows are Python objects already when dlt hands them
over, so they are written one by one, a page at a time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

from cleanhold.core.arrival import Delivery, Receipts
from cleanhold.core.reading import Progress
from cleanhold.deliveries.json_rows import as_lines
from cleanhold.errors import CleanholdError, DeliveryUnavailable, SourceError

#: Rows written at a time.
PAGE_ROWS = 5_000

#: Environment variables whose values are never shown.
_SECRET_NAME = re.compile(r"TOKEN|SECRET|PASS|PWD|KEY|CREDENTIAL|AUTH", re.IGNORECASE)

#: Shorter values of such variables are too likely to be plain words.
_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class DltResource:
    """A dlt resource; see `dlt`."""

    given: Any = field(repr=False)
    resource: str | None = None

    @property
    def format(self) -> str:
        """See `Formatted.format`."""
        return "ndjson"

    def describe(self) -> str:
        """See `Arrivals.describe`."""
        name = self.resource or getattr(self.given, "name", "") or ""
        return f"the dlt resource {name}".rstrip()

    def require(self, root: Path) -> None:
        """See that dlt is installed; asks for nothing.

        Raises:
            SourceError: it is not.
        """
        if find_spec("dlt") is None:
            raise SourceError("dlt is not installed", next="pip install 'cleanhold[dlt]'")

    def waiting(self, root: Path, receipts: Receipts) -> Iterator[Delivery]:
        """See `Arrivals.waiting`: one delivery, unless the resource gives no row.

        The first page is asked for here. A delivery can be fetched once.
        """
        self.require(root)
        found = _one_resource(_evaluated(self.given), self.resource)
        state = _state(receipts(), found.name)
        rows = _rows(found, state)
        first = next(rows, None)
        if first is not None:
            where = f"dlt resource {found.name}"
            pages = _pages(chain([first], rows))
            fetch = _Fetch(found.name, pages, state)
            yield Delivery(f"{found.name}.ndjson", where, fetch)


@dataclass(slots=True)
class _Fetch:
    name: str
    pages: Iterator[list[Any]]
    state: dict[str, Any]

    def __call__(self, sink: BinaryIO, tell: Progress) -> Mapping[str, Any]:
        from dlt.common.json import json

        rows = 0
        for page in self.pages:
            count, lines = as_lines(page)
            sink.write(lines)
            tell(len(lines))
            rows += count
        # The state as of the last row: what comes later is asked for next time.
        state = json.typed_dumps(self.state)
        return {"dlt": {"resource": self.name, "rows": rows, "state": state}}


def _evaluated(given: Any) -> Any:
    """What was given, made now if it is a function."""
    os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
    from dlt.extract import DltResource as Resource
    from dlt.extract import DltSource as Source

    if isinstance(given, Resource | Source) or not callable(given):
        return given
    with _told("making the dlt resource"):
        return given()


def _one_resource(found: Any, name: str | None) -> Any:
    from dlt.extract import DltResource as Resource
    from dlt.extract import DltSource as Source

    if isinstance(found, Resource) and name in (None, found.name):
        return found
    if not isinstance(found, Source):
        what = (
            f"the resource {found.name!r}" if isinstance(found, Resource) else type(found).__name__
        )
        raise SourceError(
            f"dlt() was given {what}, not a source" + (f" with {name!r}" if name else " of dlt"),
            next="give it a resource, a source, or a function that makes one",
        )
    selected = found.selected_resources
    if name is None and len(selected) == 1:
        (name,) = selected
    if name not in selected:
        raise SourceError(
            f"the dlt source {found.name!r} has the resources {', '.join(selected) or 'none'}"
            + (f", not {name!r}" if name else ""),
            next="say which one feeds this dataset: dlt(…, resource='…')",
        )
    return selected[name]


def _state(receipts: Iterator[Mapping[str, Any]], name: str) -> dict[str, Any]:
    """The state of the resource as of what was landed last; empty if nothing was."""
    from dlt.common.json import json

    for receipt in receipts:
        kept = receipt.get("dlt", {})
        if kept.get("resource") == name:
            return dict(json.typed_loads(kept["state"]))
    return {}


def _rows(resource: Any, state: Any) -> Iterator[Any]:
    """The rows of a resource; `state` changes as they are taken."""
    from dlt.common.configuration.container import Container
    from dlt.common.pipeline import StateInjectableContext

    where = f"the dlt resource {resource.name}"
    with _told(where), Container().injectable_context(StateInjectableContext(state=state)):
        rows = iter(resource)
    while True:
        with _told(where):
            row = next(rows, _END)
        if row is _END:
            return
        if getattr(row, "num_rows", 1):  # a table of Arrow may have none
            yield row


_END = object()


def _pages(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while page := list(islice(rows, PAGE_ROWS)):
        yield page


@contextmanager
def _told(where: str) -> Iterator[None]:
    """Errors of dlt and of resources become ours. Not `from` theirs: they may show a secret."""
    try:
        yield
    except CleanholdError:
        raise
    except Exception as error:  # noqa: BLE001 - a resource is anybody's code
        said = _without_secrets(_innermost(error))
    else:
        return
    raise DeliveryUnavailable(
        f"the dlt resource failed: {said}",
        where=where,
        next="see what the service says of this; then run again: nothing was landed",
    ) from None


def _innermost(error: BaseException) -> str:
    while error.__cause__ or (error.__context__ and not error.__suppress_context__):
        error = error.__cause__ or error.__context__ or error
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'it does not say why'}"[:300]


def _without_secrets(text: str) -> str:
    for name, value in os.environ.items():
        if len(value) >= _SHORTEST and _SECRET_NAME.search(name):
            text = text.replace(value, "***")
    return re.sub(r"(://)[^/\s@]*@|\?[^\s'\"]*", r"\1", text)


def dlt(given: Any | Callable[[], Any], *, resource: str | None = None) -> DltResource:
    """A dlt resource as the place where deliveries arrive: `Source(arrives=dlt(…))`.

    Each delivery is NDJSON with the rows that the resource gave. Its state (dlt's `incremental`,
    `dlt.current.resource_state()`) is kept in the receipt, and given to it the next time: what
    was not landed is asked for again. A resource without a row is no delivery.

    Args:
        given: a resource or source of dlt, or a function that makes one when it is asked; use a
            function where making it needs secrets or time.
        resource: which resource of a source that has several.

    Raises:
        SourceError: it is none of these.
    """
    return DltResource(given, resource)
