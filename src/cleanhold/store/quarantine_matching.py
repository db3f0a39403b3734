"""Rows that wait in the quarantine, and refused records, by values of some of their columns."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cleanhold.store.quarantine_file import QuarantineFile

#: Between the values of several columns.
_BETWEEN = "\x1f"

# A value as corrected, as parsed, or as delivered. First which rows; of those alone the findings.
_HELD = f"""
with found as (
    select rowid as place, row_id, extract_name, status, case_id, first_finding, found, delivered,
           record, count(*) over () as rows
    from held where dataset = $dataset and status in ('held', 'corrected', 'waived', 'rejected')
    and list_contains($wanted, concat_ws('{_BETWEEN}', {{values}}))
    order by delivered desc, record limit $limit
), said as (
    select place, list(f.message order by f."check", f."column") as messages
    from (select place, unnest(range(first_finding, first_finding + found)) as number from found)
    join findings f using (number) where f.severity = 'error' group by place
)
select row_id, extract_name, status, case_id, messages, rows
from found left join said using (place) order by delivered desc, record
"""

_REFUSED = """
select row_id, extract_name, code, message, bytes, count(*) over () as rows
from refused where dataset = $dataset and status = 'refused'
and list_bool_or(list_transform($wanted, lambda w: contains(hex(bytes), w)))
order by delivered desc, record limit $limit
"""


class Matching(QuarantineFile):
    """The quarantine, asked for rows that have certain values."""

    def held(
        self,
        dataset: str,
        columns: Sequence[tuple[str, Sequence[str]]],
        wanted: pl.DataFrame,
        limit: int,
    ) -> pl.DataFrame:
        """Rows that are not published, newest delivery first: `row_id, extract_name, status,
        case_id, messages` (list; of what holds them) and `rows`, how many there are.

        Args:
            columns: of the contract, each with the names it may have as delivered.
            wanted: their values, each row as the values of one row; text.
        """
        paths = {
            f"c{n}_{m}": _pointer(name)
            for n, (column, names) in enumerate(columns)
            for m, name in enumerate((column, *names))
        }
        values = ", ".join(
            f"coalesce({', '.join(_told(n, len(names)))})" for n, (_, names) in enumerate(columns)
        )
        texts = wanted.select(pl.concat_str(pl.all(), separator=_BETWEEN)).to_series()
        return self._ask(
            _HELD.format(values=values),
            dataset=dataset,
            wanted=texts.to_list(),
            limit=limit,
            **paths,
        )

    def refused(self, dataset: str, wanted: Sequence[str], limit: int) -> pl.DataFrame:
        """Refused records that have one of some texts in their bytes (as UTF-8), newest delivery
        first: `row_id, extract_name, code, message` and `rows`, how many there are.
        """
        coded = [text.encode().hex().upper() for text in wanted]
        found = self._ask(_REFUSED, dataset=dataset, wanted=coded, limit=limit)
        # Of digits that are half of one byte and half of the next, nothing is told.
        is_in = [any(text.encode() in held for text in wanted) for held in found["bytes"]]
        return found.filter(pl.Series(is_in, dtype=pl.Boolean)).drop("bytes")


def _told(column: int, names: int) -> list[str]:
    """Where a value of one column may stand, first choice first."""
    as_delivered = [
        f"nullif(trim(json_extract_string({source}, $c{column}_{name})), '')"
        for name in range(1, names + 1)
        for source in ("patch", "raw")
    ]
    return [f"json_extract_string(parsed, $c{column}_0)", *as_delivered]


def _pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")
