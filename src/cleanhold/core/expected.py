"""Own expectations: what a team asks of a whole dataset, in the words of Great Expectations."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cleanhold.core.extract import sha256_of
from cleanhold.errors import ContractError

Function = TypeVar("Function", bound=Callable[[], object])

#: The folder of a workspace that has them.
CHECKS = "checks"

_MARK = "__cleanhold_expectations__"


@dataclass(frozen=True, slots=True)
class Expected:
    """Expectations of one dataset, from one function or one file. They are made when they are run.

    Attributes:
        where: file and line; the file as seen from the workspace.
        code: hex SHA-256 of the file that decides them.
        gives: calls the function, which gives a list of `great_expectations.expectations`.
        suite: of a file: file and line of each expectation, and its JSON as Great Expectations
            writes it.
    """

    dataset: str
    where: str
    code: str
    gives: Callable[[], object] | None = None
    suite: tuple[tuple[str, str], ...] = ()

    @property
    def file(self) -> str:
        return self.where.rpartition(":")[0]


def expectations(dataset: str) -> Callable[[Function], Function]:
    """Make a function in `checks/` the one that says what a team expects of a dataset.

        @expectations("crm.contacts")
        def contacts_as_a_whole() -> list[object]:
            import great_expectations.expectations as gxe

            return [gxe.ExpectTableRowCountToBeBetween(min_value=1000)]

    It takes no arguments and is called before a snapshot is published. Importing Great
    Expectations takes seconds: do it inside the function, as here. The function stays a plain one.

    Args:
        dataset: the contract whose snapshots are held to them.

    Raises:
        ContractError: the function has parameters, or is in a file that nothing would run.
    """

    if not isinstance(dataset, str):
        raise ContractError(
            "@expectations names no dataset", next='write @expectations("crm.contacts")'
        )

    def declare(function: Function) -> Function:
        code = function.__code__
        where = f"{code.co_filename}:{code.co_firstlineno}"
        file = Path(code.co_filename)
        if CHECKS not in file.parts:
            raise ContractError(
                f"expectations of {dataset!r} outside of the folder {CHECKS}, where nothing "
                "would run them",
                where=where,
                next=f"move the function into a file in {CHECKS}/",
            )
        if inspect.signature(function).parameters:
            raise ContractError(
                f"{function.__name__} has parameters; nothing is passed to it",
                where=where,
                next="write a function without any that gives a list of expectations",
            )
        own = Expected(dataset, where, sha256_of(file), function)
        setattr(function, _MARK, (*expected_of(function), own))
        return function

    return declare


def expected_of(value: object) -> tuple[Expected, ...]:
    """What a function was declared to expect: of one dataset or several; mostly nothing."""
    found = vars(value).get(_MARK, ()) if inspect.isfunction(value) else ()
    return found if isinstance(found, tuple) else ()
