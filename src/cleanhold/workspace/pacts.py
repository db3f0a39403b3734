"""The pacts of a workspace: what consumers wrote in the folder `pacts` beside the contracts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cleanhold.core.contract import Contract
from cleanhold.core.pact import Pact, of_dataset
from cleanhold.core.pacts_revised import lacking
from cleanhold.errors import CleanholdError, ContractError, UsageError
from cleanhold.plan.load import import_file
from cleanhold.plan.pact import pacts_of
from cleanhold.plan.terms import nearest

#: The folder in that of the contracts that has them, one file a consumer.
PACTS = "pacts"


@dataclass(frozen=True, slots=True)
class Pacts:
    """What consumers declared.

    A file with a mistake takes nothing from other consumers, nor from those who publish.

    Attributes:
        declared: in the order of the files.
        mistakes: of the files that cannot be used.
    """

    declared: tuple[Pact, ...] = ()
    mistakes: tuple[CleanholdError, ...] = ()

    def of(self, dataset: str) -> tuple[Pact, ...]:
        return of_dataset(self.declared, dataset)

    def pact(self, dataset: str, consumer: str) -> Pact:
        """The pact of a consumer about a dataset.

        Raises:
            UsageError: there is none.
            ContractError: there may be one, in a file that cannot be used.
        """
        for pact in self.of(dataset):
            if pact.consumer == consumer:
                return pact
        if self.mistakes:
            raise self.mistakes[0]
        others = [pact.dataset for pact in self.declared if pact.consumer == consumer]
        known = [pact.consumer for pact in self.of(dataset)]
        hint = f"{consumer} has one of {', '.join(others)}" if others else nearest(consumer, known)
        there = ", ".join(known) or "none; declare one in contracts/pacts/"
        raise UsageError(
            f"there is no pact of {consumer!r} about {dataset}",
            next=hint or f"there are {there}",
        )


def read_pacts(root: Path, folder: Path) -> Pacts:
    """Load the files of a folder of pacts; it need not exist.

    Args:
        root: of the workspace.
        folder: of its contracts.
    """
    found: dict[tuple[str, str], Pact] = {}
    twice: set[tuple[str, str]] = set()
    mistakes: list[CleanholdError] = []
    for path in sorted((folder / PACTS).glob("*.py")):
        if path.name.startswith("_"):
            continue
        try:
            own = list(_declared(path, root))
        except CleanholdError as error:
            mistakes.append(error)
            continue
        for pact in own:
            other = found.setdefault((pact.dataset, pact.consumer), pact)
            if other is not pact:
                twice.add((pact.dataset, pact.consumer))
                mistakes.append(_both(other, pact))
    kept = (pact for name, pact in found.items() if name not in twice)
    return Pacts(tuple(kept), tuple(mistakes))


def mistaken(pacts: Pacts, contracts: Mapping[str, Contract]) -> Iterator[ContractError]:
    """What pacts need and no contract has."""
    for pact in pacts.declared:
        if pact.dataset not in contracts:
            yield ContractError(
                f"the pact of {pact.consumer} needs {pact.dataset!r}, which no contract is for",
                where=pact.where,
                next=nearest(pact.dataset, contracts) + "use one of " + ", ".join(contracts),
            )
            continue
        contract = contracts[pact.dataset]
        has = ", ".join(f"{c.name} ({c.dtype})" for c in contract.columns)
        for lack in lacking(pact, contract):
            yield ContractError(
                f"the pact of {pact.consumer} cannot be met: in {pact.dataset} {lack}",
                where=pact.where,
                next=f"correct the pact; the contract has {has}",
            )


def _declared(path: Path, root: Path) -> list[Pact]:
    """What a file declares itself, each once. At least one."""
    classes = {id(value): value for value in vars(import_file(path, root)).values()}.values()
    own = [one for value in classes for one in pacts_of(value)]
    found = [one for one in own if one.where.rpartition(":")[0] == str(path.resolve())]
    if not found:
        raise ContractError(
            "the file declares no pact",
            where=str(path),
            next="write @pact('churn-model', needs='features.customer_churn') above a class; "
            "files that begin with _ are not looked at",
        )
    return found


def _both(one: Pact, other: Pact) -> ContractError:
    return ContractError(
        f"two pacts of {one.consumer} are about {one.dataset}; neither counts",
        where=f"{one.where} and {other.where}",
        next="keep one, or rename the other",
    )
