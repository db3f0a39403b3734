"""A replay in the quarantine: rows judged again are released, superseded, or still held."""

from __future__ import annotations

from cleanhold.store.statements import Statements

#: The rows that were judged, where they are, and what became of those that are not still held.
JUDGED = """
create or replace temp table judged as
select held.rowid as place, row_id, held.source, held.status = 'released' as was_released,
       held.status = 'rejected' as was_rejected, 'released' as status,
       null::varchar as business_key, null::varchar as parsed, null::varchar as case_id,
       len(f.waived) = 0 as plainly,
       null::bigint as first_finding, 0 as found, null::json as warned
from held join read_parquet($files) f using (row_id) where held.dataset = $dataset
"""

SUPERSEDED = """
update judged set status = if(was_rejected, 'rejected', 'superseded')
from read_parquet($files) f where judged.row_id = f.row_id
"""

#: The findings that rows have now, those that do not hold them too.
FOUND = """
update judged set first_finding = f.first_finding, found = f.found, warned = to_json(f.warned)
from found f where judged.row_id = f.row_id
"""

STILL = """
update judged set status = if(was_rejected, 'rejected', 'held'),
    business_key = f.business_key, parsed = f.parsed, case_id = c.case_id
from read_parquet($files) f left join causes c using (row_id) where judged.row_id = f.row_id
"""

#: A row that is still held keeps its correction, for the next one who looks at it; a rejected one
#: stays rejected, whatever is found.
_MARK = """
update held set
    run_id = $run, contract_version = $version, status = j.status,
    superseded_by = if(j.status = 'superseded', $run, null),
    business_key = coalesce(j.business_key, held.business_key),
    parsed = coalesce(j.parsed::json, held.parsed),
    case_id = coalesce(j.case_id, held.case_id),
    first_finding = j.first_finding, found = j.found, warned = j.warned
from judged j where held.rowid = j.place
"""

#: A waiver that was over has nothing more to say. Apart from the rest, for DuckDB writes a row
#: anew, and elsewhere, when a list of it is set.
_OVER = """
update held set waived = null, waived_until = null
from judged j where held.rowid = j.place and plainly and waived is not null
"""

_REMEMBER = """
insert into history
select row_id, $dataset, $seen,
       if(status = 'held' and not was_released, 'still held', status), $run, null, null
from judged where not was_rejected
"""

#: Only what readers got changes where a row stands.
_STILL_ONLY = "delete from judged where status <> 'held' or was_released"


def replayed(run: Statements, *, published: bool) -> None:
    """Mark the rows of `judged` as the replay left them."""
    if not published:
        run(_STILL_ONLY)
    for statement in (_REMEMBER, _MARK, _OVER):
        run(statement)
