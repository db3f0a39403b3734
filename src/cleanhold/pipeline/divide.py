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
from cleanhold.core.system import system_error
from cleanhold.errors import CleanholdError, ContractError
from cleanhold.pipeline.frame import frame
from cleanhold.pipeline.straight import Straight, raw_named, surveying
from cleanhold.plan.culprit import RAISED, blamed, unadorned
from cleanhold.plan.execute import Split, compile_plan, execute, judge, look_ahead
from cleanhold.plan.neighbours import Neighbours
from cleanhold.plan.plan import Plan


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
    neighbours: Neighbours | None = None,
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
        neighbours: other rows of the extract, where only some of it are judged.

    Raises:
        DeliveryError: the file as a whole is not of the reader's format.
        ContractError: the contract does not fit the columns, or one of its expressions raises.
        AccountUnbalanced: the reader or the pass lost a record.
    """
    told = _Told(progress)
    opened = reader.open(path, told.framed)
    plan = compile_plan(contract, opened.columns, opened.unreadable)
    finish = partial(
        execute,
        plan,
        published=published,
        into=into,
        held_as_json=held_as_json,
        neighbours=neighbours,
    )
    rows = pl.LazyFrame()
    try:
        split = None
        if opened.direct is not None:
            rows = raw_named(opened.direct.rows)
            with surveying(opened.direct, into / "spans", told.surveyed) as survey:
                split = _straight(plan, opened.direct, survey, tables, identity, into, finish)
        if split is None:
            framed = frame(opened, into, str(path))
            rows = framed.scan()
            ahead = look_ahead(plan, rows, tables)
            split = finish(framed, ahead, sha256=identity())
            framed.clear()
    except ContractError as error:
        raise unadorned(error) from error
    except (CleanholdError, OSError, MemoryError):
        raise
    except RAISED as error:  # checks and parse rules are anybody's expressions
        if refused := system_error(error):  # no room on the disk is not their fault
            raise refused from error
        raise blamed(error, plan, rows) from error
    return replace(split, notes=(*opened.notes, *split.notes), encoding=opened.encoding)


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
    except RAISED:
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
