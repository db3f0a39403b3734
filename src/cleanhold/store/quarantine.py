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
from cleanhold.store import quarantine_waivers as waiving
from cleanhold.store.files import can_write, fsync_file, fsync_folder, temporary_folder
from cleanhold.store.quarantine_decide import Decided, decide
from cleanhold.store.quarantine_feed import Batch, feed
from cleanhold.store.quarantine_file import QuarantineFile
from cleanhold.store.quarantine_schema import TABLES
from cleanhold.store.quarantine_stats import STATS

__all__ = ["Batch", "Decided", "Fed", "Quarantine"]

#: What the quarantine is made of.
Fed = Batch | Decided

#: Where a page begins that follows no other.
_FROM_THE_FIRST: dict[str, Any] = {"extract": None, "record": None}

#: Record numbers have fewer digits.
_DIGITS = 20


class Quarantine(QuarantineFile):
    """The quarantine of one state folder. It holds no connection between calls, unless in a block
    of `reading`.

    Args:
        state: the state folder; the database is made when missing.
        patience: seconds to wait for the file while somebody else has it.

    Raises:
        StateError: (every method) somebody else had the file all the time, or it is damaged.
    """

    # Writing

    def feed(self, item: Fed) -> bool:
        """Add a run or a decision, in one transaction. False: it was there already."""
        self._let_go()
        with self._locked(shared=False), self._connection(self._path) as connection:
            return _fed(connection, item)

    def rebuild(self, items: Iterable[Fed]) -> int:
        """Make the database again from nothing but these, in the order they came.

        The old file is replaced at the end, at once; returns how many there were.
        """
        self._let_go()
        with self._locked(shared=False), temporary_folder(self._path.parent) as folder:
            draft = folder / self._path.name
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
        is_open = can_write(beside)  # else a copy that can only be read
        with temporary_folder(beside) if is_open else tempfile.TemporaryDirectory() as folder:
            remade = Path(folder) / self._path.name
            with self._connection(remade) as connection:
                for item in items:
                    _fed(connection, item)
            if not self._path.exists():
                self._require_tables()
            self._let_go()
            with self._locked(shared=True), self._connection(remade) as connection:
                place = str(self._path).replace("'", "''")
                connection.execute(f"attach '{place}' as here (read_only)")
                return {t: count for t in TABLES if (count := _differing(connection, t))}

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
        asked = {"check": check, "status": status, "case": case}
        with self.reading():
            names = [dataset] if dataset else self._ask(queries.DATASETS)["dataset"].to_list()
            places: dict[str, dict[str, Any]] = {}
            if after is not None:
                found = self._ask(queries.PLACE, **_at(after[1], after[0])).to_dicts()
                places = dict.fromkeys(after[:1], found[0] if found else {})
                names = [name for name in names if found and name >= after[0]]
            # One dataset after the other: each is read from where the page begins.
            pages = [self._ask(queries.ROWS, dataset="", **asked, **_FROM_THE_FIRST, limit=0)]
            for name in names:
                left = None if limit is None else limit - sum(page.height for page in pages)
                if left == 0:
                    break
                start = places.get(name, _FROM_THE_FIRST)
                pages.append(self._ask(queries.ROWS, dataset=name, **asked, **start, limit=left))
        return pl.concat(pages)

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
        """Ids of some rows of a case that wait, those that came first."""
        return self.examples([case], limit).get(case, [])

    def examples(self, wanted: Sequence[str], limit: int) -> dict[str, list[str]]:
        """Case → ids of some of its rows that wait, those that came first."""
        found = self._ask(cases.EXAMPLES, cases=list(wanted), limit=limit)
        return dict(found.select("case_id", "examples").iter_rows())

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
        with self.reading():
            held = self._ask(queries.ROW, **_at(row_id, dataset)).to_dicts()
            if not held:
                refused = self._ask(queries.REFUSED_RECORD, row_id=row_id, dataset=dataset)
                return {"kind": "refused", **refused.row(0, named=True)} if refused.height else None
            (found,) = held
            first, count = found.pop("first_finding"), found.pop("found")
            findings = self._ask(queries.VERDICT, first=first, found=count)
            since = self._ask(queries.HISTORY, row_id=row_id, dataset=found["dataset"])
        for name in ("raw", "parsed"):
            found[name] = json.loads(found[name]) if found[name] else None
        told = {"findings": findings.to_dicts(), "history": since.to_dicts()}
        return {"kind": "held", **found, **told}

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
        freed: Sequence[str] = (),
        check: str | None = None,
        since: date | None = None,
        rows: Sequence[str] | None = None,
        case: str | None = None,
    ) -> pl.DataFrame:
        """Rows to judge again: those corrected or waived, those that another version held, and
        held ones that are named.

        Columns: `row_id, record, offset, length, values` (JSON object, raw column → text, with its
        correction), `names` (its keys) and `waived` (labels of checks; of waivers that are not
        over).

        Args:
            freed: what `Beside.freed` gives.
        """
        return self._ask(
            queries.TO_REPLAY,
            dataset=dataset,
            version=version,
            freed=list(freed),
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
        """Rows that were decided on `again` or `automatic`ally and wait for a replay, and released
        ones (`published`) whose waiver is `over` or that were `reopened` (`cause`); and those that
        wait after a release, which may be published once more (`back`); else what `to_replay`
        gives.
        """
        return self._ask(healing.TO_HEAL, dataset=dataset, today=datetime.now(UTC).date())

    def waivers(self, dataset: str, rows: Sequence[str]) -> pl.DataFrame:
        """Of rows that are let through: `row_id`, `until` (null: for ever), `decision`."""
        return self._ask(waiving.WAIVERS, dataset=dataset, rows=list(rows))

    def left(self, dataset: str, decision: int) -> pl.DataFrame:
        """Rows (`row_id`) that say already that a decision is not made again for them."""
        return self._ask(waiving.LEFT, dataset=dataset, decision=decision)

    def to_correct(
        self,
        dataset: str,
        *,
        check: str | None = None,
        rows: Sequence[str] | None = None,
        status: str | None = None,
    ) -> pl.DataFrame:
        """Held rows for a person to correct, by extract and record: `row_id, content_hash, status,
        run_id, patch, raw, case_id, waived_until`, and of what holds each: `messages`, `columns`
        (of the contract) and `checks` (those about several columns).
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
        rejected by people), `automatic` (corrected as the contract says), `unchanged` (waived, or
        released as they were: false alarms), `waiting` and `superseded`; `hours_until_decided` is
        the median, over rows that people decided on, from when the content was first held until
        their first decision on the row; null if there are none.
        """
        return self._ask(STATS, dataset=dataset)

    def extracts_waiting(self) -> set[str]:
        """SHA-256 of the extracts of which a row waits, or a record is refused."""
        return set(self._ask(queries.EXTRACTS_WAITING)["extract"].to_list())

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


def _at(row_id: str, dataset: str | None) -> dict[str, Any]:
    """What `queries.PLACE` and `queries.ROW` call by name. Other texts are no row's."""
    prefix, _, record = row_id.partition("-")
    number = int(record) if record.isdecimal() and len(record) < _DIGITS else None
    return {"prefix": prefix, "record": number, "row_id": row_id, "dataset": dataset}


def _fed(connection: duckdb.DuckDBPyConnection, item: Fed) -> bool:
    asked = "select count(*), count(*) filter (entry = $entry) from fed"
    ((count, known),) = connection.execute(asked, {"entry": item.entry}).fetchall()
    if known:
        return False
    if isinstance(item, Batch):
        feed(connection, item, count + 1)
    else:
        decide(connection, item, count + 1)
    return True


def _differing(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    for question in (queries.misplaced(table), queries.differing(table)):
        ((count,),) = connection.execute(question).fetchall()
        if not count:
            return 0
    return int(count)


def _wal(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")
