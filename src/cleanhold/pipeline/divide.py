"""divide: a framed extract into clean, held and refused: parse → check → split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from cleanhold.core.contract import Contract
from cleanhold.errors import CleanholdError, ContractError
from cleanhold.pipeline.frame import Framed
from cleanhold.plan.execute import Split, compile_plan, execute


def divide(
    framed: Framed,
    contract: Contract,
    *,
    sha256: str,
    into: Path,
    tables: Mapping[str, pl.LazyFrame],
    held_as_json: bool,
) -> Split:
    """Judge every row of a framed extract; the files of the split are in `into`.

    The staged rows are removed once they are divided.

    Args:
        sha256: begins every row id.
        tables: dataset → clean table, for references.
        held_as_json: raw and parsed values of held rows as JSON, else one column each.

    Raises:
        ContractError: the contract does not fit the columns, or one of its expressions raises.
    """
    plan = compile_plan(contract, framed.columns)
    try:
        split = execute(
            plan,
            framed.scan(),
            framed.refused,
            count=framed.rows,
            sha256=sha256,
            into=into,
            tables=tables,
            held_as_json=held_as_json,
        )
    except (CleanholdError, OSError, MemoryError):
        raise
    except Exception as error:  # checks and parse rules are anybody's expressions
        raise _raised(error, contract) from error
    _drop(framed)
    return replace(split, notes=(*framed.notes, *split.notes))


def _raised(error: Exception, contract: Contract) -> ContractError:
    first = str(error).strip().split("\n", 1)[0]
    return ContractError(
        f"checking the rows raises {type(error).__name__}: {first}",
        where=contract.where,
        next="an expression of a check or parse rule must give null or false for a value it "
        "cannot take (strict=False), not raise",
    )


def _drop(framed: Framed) -> None:
    for part in framed.parts:
        part.unlink()
