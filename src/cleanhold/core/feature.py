"""Feature tables: pure functions over clean tables, each under its own contract."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import polars as pl

from cleanhold.core.extract import sha256_of
from cleanhold.errors import SourceError

Build = TypeVar("Build", bound=Callable[..., pl.LazyFrame])

#: Parameter that receives the newest business date of the inputs.
AS_OF = "as_of"
_MARK = "__cleanhold_feature__"


@dataclass(frozen=True, slots=True)
class Feature:
    """A declared feature table.

    Attributes:
        dataset: the contract it publishes under.
        inputs: parameter name of the function → dataset it reads.
        build: the function: `LazyFrame`s in, `LazyFrame` out.
        takes_as_of: it also wants the newest business date of its inputs, as `as_of`.
        where: file and line.
    """

    dataset: str
    inputs: Mapping[str, str]
    build: Callable[..., pl.LazyFrame]
    takes_as_of: bool
    where: str

    def code_fingerprint(self) -> str:
        """Hex SHA-256 of the file the function is written in."""
        return sha256_of(Path(inspect.getfile(self.build)))


def feature(dataset: str, **inputs: str) -> Callable[[Build], Build]:
    """Make a function the builder of a feature table. It stays a plain function.

        @feature("features.customer_churn", contacts="crm.contacts")
        def customer_churn(contacts: pl.LazyFrame, as_of: date) -> pl.LazyFrame: ...

    Args:
        dataset: the contract the result is published under.
        inputs: for each parameter of the function, the dataset it gets. A parameter called
            `as_of` gets the newest business date of the inputs' deliveries.

    Raises:
        SourceError: the parameters and the inputs do not match.
    """

    def declare(build: Build) -> Build:
        code = build.__code__
        where = f"{code.co_filename}:{code.co_firstlineno}"
        wanted = set(inspect.signature(build).parameters)
        if wanted - {AS_OF} != set(inputs):
            raise SourceError(
                f"the parameters of {build.__name__} are {', '.join(sorted(wanted)) or 'none'}, "
                f"its inputs {', '.join(sorted(inputs)) or 'none'}",
                where=where,
                next="name one dataset for each parameter: @feature(…, contacts='crm.contacts')",
            )
        setattr(build, _MARK, Feature(dataset, dict(inputs), build, AS_OF in wanted, where))
        return build

    return declare


def feature_of(value: object) -> Feature | None:
    """The feature a function was declared as, or None."""
    found = getattr(value, _MARK, None)
    return found if isinstance(found, Feature) else None
