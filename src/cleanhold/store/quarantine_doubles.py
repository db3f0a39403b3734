"""Rows that were held as doubles of others, which were rejected, corrected or replaced since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cleanhold.store.quarantine_file import QuarantineFile
from cleanhold.store.quarantine_remedies import pointer

# Entries of the history are in their order. Values are those with which both rows were held.
_FREED = """
with doubles as (
    select h.row_id, h.extract, {values} as shared
    from held h join cases c using (case_id)
    where h.dataset = $dataset and h.status = 'held' and list_has_all($labels, c.checks)
    and list_contains(c.checks, $label)
), gone as (
    select h.row_id, h.extract, {values} as shared, max(y.rowid) as at
    from history y join held h on h.dataset = y.dataset and h.row_id = y.row_id
    where y.dataset = $dataset and y.what in ('correct', 'reject', 'superseded')
    and h.status in ('corrected', 'rejected', 'superseded', 'released')
    group by all
), judged as (
    select d.row_id, d.extract, d.shared, coalesce(max(y.rowid), -1) as at
    from doubles d left join history y
    on y.dataset = $dataset and y.row_id = d.row_id and y.what in ('held', 'still held')
    group by all
)
select distinct j.row_id
from judged j join gone g using (extract, shared)
where g.row_id <> j.row_id and g.at > j.at order by row_id
"""


class Doubles(QuarantineFile):
    """The quarantine, asked about rows that share what no two rows may share."""

    def freed(self, dataset: str, checks: Mapping[str, Sequence[str]]) -> list[str]:
        """Ids of rows that are held as doubles alone, and one of whose doubles was rejected,
        corrected or superseded since they were judged.

        Args:
            dataset: whose rows.
            checks: label of each uniqueness check → the columns it reads.
        """
        found: dict[str, None] = {}
        for label, columns in checks.items():
            values = [f"json_extract_string(h.parsed, $column_{n})" for n in range(len(columns))]
            asked = {f"column_{n}": pointer(name) for n, name in enumerate(columns)}
            statement = _FREED.format(values=f"[{', '.join(values)}]")
            rows = self._ask(statement, dataset=dataset, label=label, labels=[*checks], **asked)
            found |= dict.fromkeys(rows["row_id"].to_list())
        return [*found]
