"""impact: what lies downstream of what a person names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping

from cleanhold.core.check import Severity
from cleanhold.core.column_lineage import Column
from cleanhold.core.contract import Contract
from cleanhold.core.graph import TABLES, Graph, Kind
from cleanhold.core.impact import Impact, impact
from cleanhold.errors import UsageError

#: Before the name of a check, whichever contract has it.
CHECK = "check:"


def impact_of(graph: Graph, contracts: Mapping[str, Contract], what: str) -> Impact:
    """What a change of something touches.

    Args:
        what: a dataset or a source; `DATASET.column`, or a header as `SOURCE.header`;
            `DATASET:check` or `check:NAME`.

    Raises:
        UsageError: nothing is called so; it says what may have been meant.
    """
    found = list(_checks(contracts, what)) or list(_things(graph, what))
    if not found:
        raise _unknown(graph, contracts, what)
    said = " and ".join(dict.fromkeys(words for words, _ in found))
    return impact(graph, said, [at for _, starts in found for at in starts])


def column_impact(graph: Graph, dataset: str, column: str) -> Impact:
    """What a change of one column of a dataset touches; of its rows, if it names none."""
    return impact(graph, f"{dataset}.{column}", [Column(dataset, column)])


def _checks(contracts: Mapping[str, Contract], what: str) -> Iterator[tuple[str, list[Column]]]:
    """A check that holds rows decides which of them its dataset has; one that warns does not."""
    dataset, colon, name = what.partition(":")
    found = [
        (contract.dataset, check)
        for contract in contracts.values()
        if f"{dataset}:" == CHECK or dataset == contract.dataset
        for check in contract.checks
        if colon and name in (check.label, check.name)
    ]
    if found:
        holding = [table for table, check in found if check.severity is Severity.ERROR]
        tables = ", ".join(dict.fromkeys(table for table, _ in found))
        words = f"check {name} of {tables}" + ("" if holding else ", which only warns")
        yield words, [Column(table, "") for table in dict.fromkeys(holding)]


def _things(graph: Graph, what: str) -> Iterator[tuple[str, list[Column]]]:
    """Datasets and sources, and columns of them; a dataset and its source may share a name."""
    for node in graph.of_kind(Kind.SOURCE, *TABLES):
        kind = "source" if node.kind is Kind.SOURCE else "dataset"
        if what in (node.id, node.name):
            whole = [Column(node.id, name) for name in node.columns]
            yield f"{kind} {node.name}", [*whole, Column(node.id, "")]
        for prefix in {node.id, node.name}:
            column = what.removeprefix(f"{prefix}.")
            if column != what and column in node.columns:
                is_header = node.kind is Kind.SOURCE
                words = f"{'header' if is_header else 'column'} {node.name}.{column}"
                yield words, [Column(node.id, column)]


def _unknown(graph: Graph, contracts: Mapping[str, Contract], what: str) -> UsageError:
    names = dict.fromkeys(_names(graph, contracts.values()))
    close = difflib.get_close_matches(what, names, n=3)
    if not close:  # of a name that is wrong in the part before, or only the end was given
        tail = what.rpartition(".")[2].rpartition(":")[2].casefold()
        close = [n for n in names if n.rpartition(".")[2].casefold() == tail][:3]
    tables = ", ".join(node.id for node in graph.of_kind(*TABLES)) or "none: declare one first"
    meant = f"did you mean {' or '.join(map(repr, close))}?" if close else ""
    return UsageError(
        f"nothing is called {what!r}",
        next=meant
        or f"name a dataset, DATASET.column, SOURCE.header or DATASET:check; datasets: {tables}",
    )


def _names(graph: Graph, contracts: Iterable[Contract]) -> Iterator[str]:
    for node in graph.of_kind(*TABLES, Kind.SOURCE):
        yield node.name
        yield from (f"{node.name}.{column}" for column in node.columns)
    for contract in contracts:
        for check in contract.checks:
            yield f"{contract.dataset}:{check.label}"
            yield f"{CHECK}{check.label}"
