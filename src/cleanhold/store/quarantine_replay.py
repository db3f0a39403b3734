"""A replay in the quarantine: rows judged again are released, superseded, or still held."""

from __future__ import annotations

from cleanhold.store.statements import Statements

#: The rows that were judged, and what became of those that are not still held.
JUDGED = """
create or replace temp table judged as
select row_id, 'released' as status, null::varchar as business_key, null::varchar as parsed,
       null::varchar as case_id,
       len(waived) = 0 as plainly
from read_parquet($files)
"""

SUPERSEDED = """
update judged set status = 'superseded' from read_parquet($files) f where judged.row_id = f.row_id
"""

STILL = """
update judged set status = 'held', business_key = f.business_key, parsed = f.parsed,
    case_id = c.case_id
from read_parquet($files) f left join causes c using (row_id) where judged.row_id = f.row_id
"""

#: A row that is still held keeps its correction, for the next one who looks at it. A waiver that
#: was over has nothing more to say.
_MARK = """
update held set
    run_id = $run, contract_version = $version, status = j.status,
    superseded_by = if(j.status = 'superseded', $run, null),
    business_key = coalesce(j.business_key, held.business_key),
    parsed = coalesce(j.parsed::json, held.parsed),
    case_id = coalesce(j.case_id, held.case_id),
    waived = if(j.plainly, null, held.waived),
    waived_until = if(j.plainly, null, held.waived_until)
from judged j where held.dataset = $dataset and held.row_id = j.row_id
"""

_REMEMBER = """
insert into history
select row_id, $dataset, $seen,
       if(j.status = 'held' and h.status <> 'released', 'still held', j.status), $run, null, null
from judged j join held h using (row_id) where h.dataset = $dataset
"""

#: Only what readers got changes where a row stands.
_STILL_ONLY = """
delete from judged where status <> 'held' or row_id in
    (select row_id from held where dataset = $dataset and status = 'released')
"""


def replayed(run: Statements, *, published: bool) -> None:
    """Mark the rows of `judged` as the replay left them."""
    if not published:
        run(_STILL_ONLY)
    run(_REMEMBER)
    run(_MARK)
