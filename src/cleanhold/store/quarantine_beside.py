"""Held rows beside others of their extract: who waits with them, and for whom they waited."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cleanhold.core.extract import ROW_ID_PREFIX
from cleanhold.store import quarantine_queries as queries
from cleanhold.store.quarantine_file import QuarantineFile

# Entries of the history are in their order. A row that was corrected may be held again for another
# fault. Doubles are known by the value that both were held for; of a group, nobody knows its rows.
_FREED = """
with waiting as (
    select h.row_id, h.extract, c.checks
    from held h join cases c using (case_id)
    where h.dataset = $dataset and h.status = 'held' and list_has_all($labels, c.checks)
), gone as (
    select h.row_id, h.extract, max(y.rowid) as entry
    from history y join held h on h.dataset = y.dataset and h.row_id = y.row_id
    where y.dataset = $dataset and y.what in ('correct', 'reject', 'superseded')
    and (h.status in ('corrected', 'rejected', 'superseded', 'released') or h.patch is not null)
    and h.extract in (select extract from waiting)
    group by all
), judged as (
    select w.row_id, w.extract, w.checks, coalesce(max(y.rowid), -1) as entry
    from waiting w left join history y
    on y.dataset = $dataset and y.row_id = w.row_id and y.what in ('held', 'still held')
    where w.extract in (select extract from gone)
    group by all
), doubled as (
    select row_id, concat_ws('.', "column", "check") as label, coalesce(value, '') as value
    from findings
    where dataset = $dataset and list_contains($unique, concat_ws('.', "column", "check"))
), left_values as (
    select extract, label, value, max(entry) as entry
    from gone join doubled using (row_id) group by all
), left_extracts as (
    select extract, max(entry) as entry from gone group by all
)
select row_id from judged j join doubled using (row_id)
join left_values g using (extract, label, value) where g.entry > j.entry
union
select row_id from judged j join left_extracts g using (extract)
where g.entry > j.entry and not list_has_all($unique, j.checks)
order by row_id
"""


class Beside(QuarantineFile):
    """The quarantine, asked about rows together with others of their extracts."""

    def waiting(
        self, dataset: str, rows: Sequence[str], keys: Sequence[str] | None, version: str
    ) -> pl.DataFrame:
        """Other rows that wait, of the extracts of some: what `Quarantine.to_replay` gives.

        Args:
            keys: only those with one of these keys, corrected, or held by another version of the
                contract than this; None for all.
        """
        return self._ask(
            queries.BESIDE,
            dataset=dataset,
            rows=list(rows),
            extracts=sorted({row[:ROW_ID_PREFIX] for row in rows}),
            keys=None if keys is None else list(keys),
            version=version,
        )

    def freed(self, dataset: str, unique: Sequence[str], others: Sequence[str]) -> list[str]:
        """Ids of rows that only checks of several rows hold, and one of whose extract was rejected,
        corrected or superseded since they were judged; of doubles, one that had the same value.

        Args:
            dataset: whose rows.
            unique: labels of the checks that rows share no value.
            others: labels of the other checks that look at several rows.
        """
        if not unique and not others:
            return []
        labels = [*unique, *others]
        found = self._ask(_FREED, dataset=dataset, unique=list(unique), labels=labels)
        return found["row_id"].to_list()
