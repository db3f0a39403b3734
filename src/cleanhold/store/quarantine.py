"""The quarantine: held rows, findings and refused records in `quarantine.duckdb`.

The record is the Parquet batches of the snapshots; this file is made from them and can be made
again. `quarantine_schema` describes its tables, `quarantine_file` opens it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from cleanhold.store import quarantine_cases as cases
from cleanhold.store import quarantine_heal as healing
from cleanhold.store import quarantine_queries as queries
from cleanhold.store.files import can_write, fsync_file, fsync_folder
from cleanhold.store.quarantine_decide import Decided, decide
from cleanhold.store.quarantine_feed import Batch, feed
from cleanhold.store.quarantine_file import QuarantineFile
from cleanhold.store.quarantine_schema import TABLES
from cleanhold.store.quarantine_stats import STATS

__all__ = ["Batch", "Decided", "Fed", "Quarantine"]

#: What the quarantine is made of.
Fed = Batch | Decided


class Quarantine(QuarantineFile):
    """The quarantine of one state folder. It holds no connection between calls.

    Args:
        state: the state folder; the database is made when missing.
        patience: seconds to wait for the file while somebody else has it.

    Raises:
        StateError: (every method) somebody else had the file all the time, or it is damaged.
    """

    # Writing

    def feed(self, item: Fed) -> bool:
        """Add a run or a decision, in one transaction. False: it was there already."""
        with self._locked(shared=False), self._connection(self._path) as connection:
            return _fed(connection, item)

    def rebuild(self, items: Iterable[Fed]) -> int:
        """Make the database again from nothing but these, in the order they came.

        The old file is replaced at the end, at once; returns how many there were.
        """
        draft = self._path.with_name(f"{self._path.name}.rebuild")
        with self._locked(shared=False):
            _remove(draft)
            with self._connection(draft) as connection:
                count = sum(_fed(connection, item) for item in items)
            fsync_file(draft)
            # Its write-ahead log must not be replayed into the new file.
            _wal(self._path).unlink(missing_ok=True)
            draft.replace(self._path)
            fsync_folder(self._path.parent)
        return count

    def differences(self, items: Iterable[Fed]) -> dict[str, int]:
        """Table → rows that are not as these make them, of the tables that differ.

        They are fed to a new database beside this one, and every row is compared.
        """
        beside = self._path.parent
        place = beside if can_write(beside) else None  # a copy that can only be read
        with tempfile.TemporaryDirectory(dir=place, prefix=".quarantine-") as folder:
            remade = Path(folder) / self._path.name
            with self._connection(remade) as connection:
                for item in items:
                    _fed(connection, item)
            if not self._path.exists():
                self._require_tables()
            with self._locked(shared=True), self._connection(remade) as connection:
                theirs = str(self._path).replace("'", "''")
                connection.execute(f"attach '{theirs}' as here (read_only)")
                counted = {t: connection.execute(queries.differing(t)).fetchall() for t in TABLES}
        return {table: int(rows[0][0]) for table, rows in counted.items() if rows[0][0]}

    # Reading

    def summary(self, dataset: str | None = None) -> pl.DataFrame:
        """What waits, by `dataset, check, column, severity`: `rows, oldest, newest`.

        Refused records are there under the check `refused:<code>`. Most rows first.
        """
        return self._ask(queries.SUMMARY, dataset=dataset)

    def rows(
        self,
        dataset: str | None = None,
        check: str | None = None,
        status: str | None = "held",
        limit: int | None = 100,
        after: tuple[str, str] | None = None,
        case: str | None = None,
    ) -> pl.DataFrame:
        """Held rows with their `checks` and `messages` (lists), by dataset, extract, record.

        Args:
            status: `held`, `superseded`, or None for both.
            after: (dataset, row_id) of the last row of the page before.
        """
        page = after or (None, None)
        return self._ask(
            queries.ROWS,
            dataset=dataset,
            check=check,
            status=status,
            limit=limit,
            after_dataset=page[0],
            after_row=page[1],
            case=case,
        )

    def cases(
        self, dataset: str | None = None, case: str | None = None, limit: int | None = None
    ) -> pl.DataFrame:
        """Cases with rows that wait, most first; or one case, whatever became of it.

        Columns: `dataset, case_id, rows` (that wait), `first_seen, last_seen, days` (list of
        `day, status, rows`, by the day they were first seen), `waiting` (rows of the dataset), and
        what defines it: `source, checks, column, pattern, is_value, example` (a value).
        """
        return self._ask(cases.CASES, dataset=dataset, case=case, limit=limit)

    def case_rows(self, case: str, limit: int) -> list[str]:
        """Ids of some rows of a case that wait, by extract and record."""
        return self._ask(cases.EXAMPLES, case=case, limit=limit)["row_id"].to_list()

    def case_values(self, case: str, column: str) -> pl.DataFrame:
        """Of a column as delivered, in rows of a case that are held: `value, rows`."""
        path = "/" + column.replace("~", "~0").replace("/", "~1")
        return self._ask(cases.VALUES, case=case, path=path)

    def find(self, business_key: str, dataset: str | None = None) -> pl.DataFrame:
        """Held rows of one business key, settled ones too, latest delivery first."""
        return self._ask(queries.FIND, business_key=business_key, dataset=dataset)

    def row(self, row_id: str, dataset: str | None = None) -> dict[str, Any] | None:
        """One held row (`kind` is `held`, `raw` and `parsed` decoded, `findings` of its newest
        verdict, `history`) or refused record (`kind` is `refused`); None if it is neither.
        """
        held = self._ask(queries.ROW, row_id=row_id, dataset=dataset)
        if held.height:
            found = held.row(0, named=True)
            for name in ("raw", "parsed"):
                found[name] = json.loads(found[name]) if found[name] else None
            verdicts = self.findings(row_id, found["dataset"])
            newest = verdicts.filter(pl.col("run_id") == found["run_id"])
            since = self._ask(queries.HISTORY, row_id=row_id, dataset=found["dataset"])
            told = {"findings": newest.to_dicts(), "history": since.to_dicts()}
            return {"kind": "held", **found, **told}
        refused = self._ask(queries.REFUSED_RECORD, row_id=row_id, dataset=dataset)
        return {"kind": "refused", **refused.row(0, named=True)} if refused.height else None

    def findings(self, row_id: str, dataset: str | None = None) -> pl.DataFrame:
        """Every finding on a row, in all runs, warnings of passed rows included."""
        return self._ask(queries.FINDINGS, row_id=row_id, dataset=dataset)

    def refused(
        self,
        dataset: str | None = None,
        code: str | None = None,
        status: str | None = "refused",
        limit: int | None = 100,
        after: tuple[str, str] | None = None,
    ) -> pl.DataFrame:
        """Refused records, by dataset, extract, record.

        Args:
            status: `refused` (those that still count), `superseded`, or None for both.
            after: (dataset, row_id) of the last record of the page before.
        """
        page = after or (None, None)
        return self._ask(
            queries.REFUSED,
            dataset=dataset,
            code=code,
            status=status,
            limit=limit,
            after_dataset=page[0],
            after_row=page[1],
        )

    def export(
        self, dataset: str | None = None, check: str | None = None, status: str | None = "held"
    ) -> pl.DataFrame:
        """One line per finding on a held row, with the row's raw values as JSON, and one per
        refused record.
        """
        return self._ask(queries.EXPORT, dataset=dataset, check=check, status=status)

    def to_replay(
        self,
        dataset: str,
        version: str,
        *,
        check: str | None = None,
        since: date | None = None,
        rows: Sequence[str] | None = None,
        case: str | None = None,
    ) -> pl.DataFrame:
        """Rows to judge again: those corrected or waived, and those that another version held.

        Columns: `row_id, record, offset, length, values` (JSON object, raw column → text, with its
        correction), `names` (its keys) and `waived` (labels of checks; of waivers that are not
        over).
        """
        return self._ask(
            queries.TO_REPLAY,
            dataset=dataset,
            version=version,
            check=check,
            since=since,
            rows=list(rows) if rows is not None else None,
            case=case,
            today=datetime.now(UTC).date(),
        )

    def to_decide(
        self,
        dataset: str,
        act: str,
        *,
        check: str | None = None,
        rows: Sequence[str] | None = None,
        status: str | None = None,
        case: str | None = None,
    ) -> pl.DataFrame:
        """Rows that an act can be about, by row id: what `to_replay` gives, and `content_hash`,
        `raw`, `patch`, `status`, `run_id`, `business_key`, and `holding`, the labels of the
        checks that hold each.
        """
        return self._ask(
            queries.TO_DECIDE,
            dataset=dataset,
            act=act,
            check=check,
            rows=list(rows) if rows is not None else None,
            status=status,
            case=case,
        )

    def decided_before(self, dataset: str) -> pl.DataFrame:
        """Held rows with a content that was decided on before, where the same holds again.

        Columns: `row_id, content_hash, act, root` (the decision), `why`, `patch`, `waived` and
        `until`, as it left the row that it was about.
        """
        return self._ask(healing.AGAIN, dataset=dataset, today=datetime.now(UTC).date())

    def to_heal(self, dataset: str) -> pl.DataFrame:
        """Rows that were decided on again and wait for a replay, and released ones whose waiver is
        over (`published`); else what `to_replay` gives.
        """
        return self._ask(healing.TO_HEAL, dataset=dataset, today=datetime.now(UTC).date())

    def to_correct(
        self,
        dataset: str,
        *,
        check: str | None = None,
        rows: Sequence[str] | None = None,
        status: str | None = None,
    ) -> pl.DataFrame:
        """Held rows for a person to correct, by extract and record: `row_id, content_hash, status,
        run_id, patch, raw`, and of what holds each: `messages`, `columns` (of the contract) and
        `checks` (those about several columns).
        """
        return self._ask(
            queries.TO_CORRECT,
            dataset=dataset,
            check=check,
            rows=list(rows) if rows is not None else None,
            status=status,
        )

    def stats(self, dataset: str | None = None) -> pl.DataFrame:
        """What each check caught and what became of it, by `dataset, check, column`; most first.

        Counts of rows: `caught`, `only_by_it`, and of those caught `confirmed` (corrected or
        rejected), `unchanged` (waived, or released as they were), `waiting` and `superseded`;
        `hours_until_decided` is the median until people first decided, null if nobody has.
        """
        return self._ask(STATS, dataset=dataset)

    def counts(self, dataset: str | None = None) -> dict[str, int]:
        """Rows `held` and `superseded`, records `refused`, `findings`, and `batches` fed."""
        return dict(self._ask(queries.COUNTS, dataset=dataset).row(0, named=True))

    def row_ids(self, run_id: str) -> pl.DataFrame:
        """`row_id, home` (`held` or `refused`) of what a run kept back, to hold against its
        account. A later run over the same extract takes its refused records over.
        """
        return self._ask(queries.ROW_IDS, run_id=run_id)

    def fed(self) -> list[str]:
        """What is in, in the order it came: run keys, and `decision <id>`."""
        return self._ask(queries.FED)["entry"].to_list()


def _fed(connection: duckdb.DuckDBPyConnection, item: Fed) -> bool:
    known = connection.execute("select entry from fed order by number").fetchall()
    if (item.entry,) in known:
        return False
    if isinstance(item, Batch):
        feed(connection, item, len(known) + 1)
    else:
        decide(connection, item, len(known) + 1)
    return True


def _wal(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    _wal(path).unlink(missing_ok=True)
