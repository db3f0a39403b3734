"""divide: an extract into clean, held and refused: frame → parse → check → split."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path

import polars as pl

from cleanhold.core.contract import Contract
from cleanhold.core.reading import Direct, Progress, Reader, Survey
from cleanhold.errors import CleanholdError, ContractError
from cleanhold.pipeline.frame import frame
from cleanhold.pipeline.straight import Straight, raw_named, surveying
from cleanhold.plan.execute import Split, compile_plan, execute, judge, look_ahead
from cleanhold.plan.plan import Plan

#: What an expression may raise: Polars' panics are no `Exception`.
_ANY = (Exception, pl.exceptions.PanicException)


def divide(
    path: Path,
    reader: Reader,
    contract: Contract,
    *,
    identity: Callable[[], str],
    into: Path,
    tables: Mapping[str, pl.LazyFrame],
    published: pl.LazyFrame | None,
    held_as_json: bool,
    progress: Progress | None = None,
) -> Split:
    """Judge every row of an extract; the files of the split are in `into`.

    Args:
        path: the extract.
        reader: its format.
        contract: what its rows promise.
        identity: gives the SHA-256 that begins every row id; asked once it is needed.
        tables: dataset → clean table, for references.
        published: the rows of the dataset that readers have, for checks of changes; None if there
            are none.
        held_as_json: raw and parsed values of held rows as JSON, else one column each.
        progress: called with bytes read.

    Raises:
        DeliveryError: the file as a whole is not of the reader's format.
        ContractError: the contract does not fit the columns, or one of its expressions raises.
        AccountUnbalanced: the reader or the pass lost a record.
    """
    told = _Told(progress)
    opened = reader.open(path, told.framed)
    plan = compile_plan(contract, opened.columns)
    finish = partial(execute, plan, published=published, into=into, held_as_json=held_as_json)
    try:
        split = None
        if opened.direct is not None:
            with surveying(opened.direct, into / "spans", told.surveyed) as survey:
                split = _straight(plan, opened.direct, survey, tables, identity, into, finish)
        if split is None:
            framed = frame(opened, into, str(path))
            ahead = look_ahead(plan, framed.scan(), tables)
            split = finish(framed, ahead, sha256=identity())
            framed.clear()
    except (CleanholdError, OSError, MemoryError):
        raise
    except _ANY as error:  # checks and parse rules are anybody's expressions
        raise _raised(error, contract) from error
    return replace(split, notes=(*opened.notes, *split.notes))


def _straight(
    plan: Plan,
    direct: Direct,
    survey: Future[Survey | None],
    tables: Mapping[str, pl.LazyFrame],
    identity: Callable[[], str],
    into: Path,
    finish: Callable[..., Split],
) -> Split | None:
    """The split of a well-formed file; None if it is not.

    What is found before the survey is done, even an error, counts only if the survey believes the
    rows.
    """
    rows = raw_named(direct.rows)
    try:
        ahead = look_ahead(plan, rows, tables)
        if survey.done() and survey.result() is None:
            return None
        early = not plan.needs_whole_columns
        judged = judge(plan, rows, ahead, identity(), into) if early else None
    except _ANY:
        if survey.result() is None:
            return None
        raise
    surveyed = survey.result()
    if surveyed is None:
        return None
    return finish(Straight(direct, surveyed), ahead, judged, sha256=identity())


class _Told:
    """Tells of each byte once, though a file that is surveyed may be framed from its start."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress or (lambda read: None)
        self._told = self._framed = 0

    def surveyed(self, read: int) -> None:
        self._told += read
        self._progress(read)

    def framed(self, read: int) -> None:
        self._framed += read
        if (news := self._framed - self._told) > 0:
            self.surveyed(news)


def _raised(error: Exception, contract: Contract) -> ContractError:
    first = str(error).strip().split("\n", 1)[0]
    return ContractError(
        f"checking the rows raises {type(error).__name__}: {first}",
        where=contract.where,
        next="an expression of a check or parse rule must give null or false for a value it "
        "cannot take (strict=False), not raise",
    )
