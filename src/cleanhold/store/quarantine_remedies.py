"""What the quarantine says about held rows that a contract lets be corrected by itself."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cleanhold.store.quarantine_file import QuarantineFile

# Rows that wait for what one of some checks finds wrong, and whose content nobody has decided on:
# people go before the contract. A row that came back although it was corrected is not tried again.
_UNTOUCHED = """
decided as (
    select distinct h.content_hash
    from history y
    join held h on h.dataset = y.dataset and h.row_id = y.row_id
    left join decisions d on y.cause = 'decision ' || d.id
    where y.dataset = $dataset and y.what in ('correct', 'waive', 'release', 'reject', 'reopen')
    and ((d.terms ->> '$.automatic') is null or h.status = 'held')
), untouched as (
    select h.row_id, h.run_id, h.extract, h.raw
    from held h anti join decided using (content_hash)
    where h.dataset = $dataset and h.status = 'held' and h.assigned is null
    and exists (
        select 1 from findings f
        where f.dataset = h.dataset and f.row_id = h.row_id and f.run_id = h.run_id
        and f.severity = 'error' and list_contains($labels, concat_ws('.', f."column", f."check")))
)
"""

VALUES = f"""
with {_UNTOUCHED}
select distinct json_extract_string(raw, $path) as value
from untouched where run_id = $run_id and json_extract_string(raw, $path) is not null
order by value
"""

RUNS = f"with {_UNTOUCHED} select distinct run_id from untouched order by run_id"

ROWS = f"""
with {_UNTOUCHED}
select row_id, json_extract_string(raw, $path) as old from untouched
where run_id = $run_id
and json_extract_string(raw, $path) in (select unnest($values::varchar[]))
order by row_id
"""

# By extract: rows that the contract corrected, whatever became of them.
CORRECTED = """
select h.extract, count(distinct h.row_id) as rows
from history y
join held h on h.dataset = y.dataset and h.row_id = y.row_id
join decisions d on y.cause = 'decision ' || d.id
where y.dataset = $dataset and (d.terms ->> '$.automatic') is not null
group by all order by all
"""


class Remediable(QuarantineFile):
    """The quarantine, asked about rows that could be corrected without anybody."""

    def runs(self, dataset: str, labels: Sequence[str]) -> list[str]:
        """Runs whose verdicts are those of rows that wait for one of these checks."""
        return self._ask(RUNS, dataset=dataset, labels=list(labels))["run_id"].to_list()

    def values(self, dataset: str, labels: Sequence[str], run_id: str, column: str) -> list[str]:
        """Distinct texts of a column as delivered, in such rows of a run."""
        asked = {"labels": list(labels), "run_id": run_id, "path": pointer(column)}
        return self._ask(VALUES, dataset=dataset, **asked)["value"].to_list()

    def rows(
        self, dataset: str, labels: Sequence[str], run_id: str, column: str, values: Sequence[str]
    ) -> pl.DataFrame:
        """Such rows that have one of some texts: `row_id, old` (the text)."""
        asked = {"labels": list(labels), "run_id": run_id, "path": pointer(column)}
        return self._ask(ROWS, dataset=dataset, values=list(values), **asked)

    def corrected(self, dataset: str) -> dict[str, int]:
        """Extract → its rows that were corrected without anybody."""
        return dict(self._ask(CORRECTED, dataset=dataset).iter_rows())


def pointer(column: str) -> str:
    """Where a raw column is in a row's JSON."""
    return "/" + column.replace("~", "~0").replace("/", "~1")
