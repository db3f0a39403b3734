"""The questions that `Quarantine` answers. A parameter that is null does not narrow."""

from __future__ import annotations

from cleanhold.core.extract import ROW_ID_PREFIX

TABLES = "select table_name, comment from duckdb_tables() where not internal"

#: Of a label of a check (`column.check`, or `check`), the two parts. Names of checks have no dots.
_PARTS = """
split_part(label, '.', -1) as "check",
nullif(left(label, greatest(len(label) - len(split_part(label, '.', -1)) - 1, 0)), '') as "column"
"""

# By case and warnings first: of many rows there are few. Findings need not be read.
SUMMARY = f"""
with alike as (
    select dataset, case_id, warned, count(*) as rows, min(first_seen) as oldest,
           max(last_seen) as newest
    from held where status = 'held' and ($dataset is null or dataset = $dataset)
    group by all
), failed as (
    select a.*, 'error' as severity, unnest(checks) as label from alike a join cases using (case_id)
    union all
    select *, 'warn', unnest(warned::varchar[]) from alike
)
select dataset, {_PARTS}, severity, sum(rows)::bigint as rows, min(oldest) as oldest,
       max(newest) as newest
from failed group by all
union all
select dataset, 'refused:' || code, null, 'error',
       count(*), min(first_seen), max(first_seen)
from refused
where status = 'refused' and ($dataset is null or dataset = $dataset)
group by all
order by rows desc, dataset, "check", "column", severity
"""

#: Rows that failed a check in their newest verdict. Those that it holds are told by their case,
#: so that no finding has to be read; a released row is held by none any more.
_FAILED = """
($check is null
 or (first_finding is not null and status <> 'released' and case_id in (
     select case_id from cases
     where list_bool_or(list_transform(checks, lambda c: split_part(c, '.', -1) = $check))))
 or (warned is not null and list_contains(
     list_transform(warned::varchar[], lambda c: split_part(c, '.', -1)), $check)))
"""

_ROW = """
h.row_id, h.dataset, h.source, h.extract, h.extract_name, h.record, h.business_key,
h.raw::varchar as raw, h.parsed::varchar as parsed, h.status, h.first_seen, h.last_seen,
h.times_seen, h.byte_offset, h.byte_length, h.superseded_by, h.contract_version, h.run_id,
h.case_id
"""

# Which rows first, and where they are; only theirs are the wide columns and the findings read.
_PAGE = f"""
, found as (
    select place, list(f."check" order by f."check", f."column") as checks,
           list(f.message order by f."check", f."column") as messages
    from (select place, unnest(range(first_finding, first_finding + found)) as number from page)
    join findings f using (number) group by place
)
select {_ROW}, checks, messages from held h join page on h.rowid = page.place
left join found using (place)
"""

ROWS = f"""
with page as (
    select rowid as place, first_finding, found from held
    where dataset = $dataset and ($status is null or status = $status)
    and ($case is null or case_id = $case) and {_FAILED}
    and ($record is null or extract > $extract or (extract = $extract and record > $record))
    order by extract, record limit $limit
) {_PAGE} order by h.extract, h.record
"""

DATASETS = "select distinct dataset from batches order by dataset"

#: Ids begin with sixteen digits of the extract, and end with the record: the rows of an extract
#: lie together, and of numbers many are read at once.
_AT = """
extract >= $prefix and extract < $prefix || 'g' and record = $record and row_id = $row_id
and ($dataset is null or dataset = $dataset)
"""

PLACE = f"select extract, record from held where {_AT} limit 1"

FIND = f"""
with page as (
    select rowid as place, first_finding, found from held
    where business_key = $business_key and ($dataset is null or dataset = $dataset)
) {_PAGE} order by h.delivered desc, h.record desc
"""

ROW = f"""
select {_ROW}, h.delivered, first_finding, found
from held h join (select rowid as place from held where {_AT} order by dataset limit 1) page
on h.rowid = page.place
"""

VERDICT = """
select row_id, run_id, dataset, "check", "column", value, message, severity, contract_version
from findings where number >= $first and number < $first + $found
order by severity, "check", "column"
"""

REFUSED_RECORD = """
select * from refused
where row_id = $row_id and ($dataset is null or dataset = $dataset)
order by dataset limit 1
"""

REFUSED = """
select * from refused
where ($status is null or status = $status) and ($dataset is null or dataset = $dataset)
and ($code is null or code = $code)
and ($after_row is null or (dataset, extract, record) > (
    select (a.dataset, a.extract, a.record) from refused a
    where a.dataset = $after_dataset and a.row_id = $after_row))
order by dataset, extract, record limit $limit
"""

HISTORY = """
select happened, what, cause, who, why from history
where row_id = $row_id and dataset = $dataset order by happened, rowid
"""

FINDINGS = """
select row_id, run_id, dataset, "check", "column", value, message, severity, contract_version
from findings
where row_id = $row_id and ($dataset is null or dataset = $dataset)
order by run_id, severity, "check", "column"
"""

EXPORT = """
select row_id, dataset, h.source, h.extract_name, h.extract, h.record, h.business_key,
       f."check", f."column", f.value, f.message, f.severity, h.status, h.first_seen,
       h.last_seen, h.times_seen, h.contract_version, h.raw::varchar as raw
from held h join findings f using (dataset, row_id, run_id)
where ($dataset is null or dataset = $dataset) and ($status is null or h.status = $status)
and ($check is null or f."check" = $check)
union all
select row_id, dataset, source, extract_name, extract, record, null, 'refused:' || code, null,
       try(decode(bytes)), message, 'error', status, first_seen, first_seen, 1, b.contract_version,
       null
from refused join batches b using (run_id, dataset, source, extract)
where ($dataset is null or dataset = $dataset)
and ($status is null or status = if($status = 'held', 'refused', $status))
and ($check is null or 'refused:' || code = $check)
order by dataset, extract, record, "check", "column"
"""

_ROWS = "($rows is null or row_id in (select unnest($rows::varchar[])))"

TO_CORRECT = f"""
with chosen as (
    select rowid as place, extract, record, row_id, content_hash, status, run_id, patch, raw,
           case_id, waived_until, first_finding, found
    from held
    where dataset = $dataset and ($status is null or status = $status) and {_ROWS} and {_FAILED}
)
select row_id, content_hash::varchar as content_hash, status, run_id, patch::varchar as patch,
       raw::varchar as raw, case_id, waived_until, messages, columns, checks
from chosen left join (
    select place, list(message order by "check", "column") as messages,
           list(distinct "column") filter ("column" is not null) as columns,
           list(distinct "check") filter ("column" is null) as checks
    from (select place, unnest(range(first_finding, first_finding + found)) as number
          from chosen)
    join findings using (number) where severity = 'error' group by place
) using (place)
order by extract, record
"""

#: What a row is when it is judged again: raw column → text, as corrected.
_VALUES = """
if(patch is null, raw, json_merge_patch(raw, patch))::varchar as values, json_keys(raw) as names
"""

TO_REPLAY = f"""
select row_id, record, byte_offset as "offset", byte_length as length, {_VALUES},
       if(status = 'waived' and (waived_until is null or waived_until >= $today), waived,
          []::varchar[]) as waived
from held
where dataset = $dataset
and (status in ('corrected', 'waived')
     or (status = 'held' and (contract_version <> $version
                              or row_id in (select unnest($freed::varchar[])))))
and ($since is null or first_seen >= $since)
and ($case is null or case_id = $case) and {_ROWS} and {_FAILED}
order by row_id
"""

_WAITING_BESIDE = """
select held.rowid as place from held
where dataset = $dataset and status in ('held', 'corrected', 'waived')
and list_contains($extracts, left(extract, {digits}))
"""

#: Other rows of the same extracts that wait; by key, those that were corrected too, which may have
#: any. Their places are found first: that reads two columns of a large quarantine, not all.
BESIDE = f"""
with chosen as (select unnest($rows::varchar[]) as row_id),
places as (
    {_WAITING_BESIDE}
    and ($keys is null or patch is not null or contract_version <> $version)
    union
    {_WAITING_BESIDE} and business_key in (select unnest($keys::varchar[]))
)
select row_id, record, byte_offset as "offset", byte_length as length, {_VALUES},
       []::varchar[] as waived
from held join places on held.rowid = places.place
where row_id not in (select row_id from chosen)
order by row_id
""".replace("{digits}", str(ROW_ID_PREFIX))

TO_DECIDE = f"""
select row_id, record, byte_offset as "offset", byte_length as length, {_VALUES},
       []::varchar[] as waived, content_hash::varchar as content_hash, raw::varchar as raw,
       patch::varchar as patch, status, run_id,
       if(first_finding is null or status = 'released', null, checks) as holding, business_key,
       json_keys(patch) as patched
from held left join (select case_id, checks from cases) using (case_id)
where dataset = $dataset
and case when $status is not null then status = $status
         when $act = 'reopen' then status in ('corrected', 'waived', 'rejected')
                                   or ($rows is not null and status = 'released')
         when $act in ('assign', 'comment') then status not in ('superseded')
         when $rows is not null then status in ('held', 'corrected', 'waived')
         else status = 'held' end
and ($case is null or case_id = $case) and {_ROWS} and {_FAILED}
order by row_id
"""

EXTRACTS_WAITING = """
select distinct extract from held where status in ('held', 'corrected', 'waived')
union select distinct extract from refused where status = 'refused'
"""

COUNTS = """
select
    (select count(*) from held where status = 'held'
     and ($dataset is null or dataset = $dataset)) as held,
    (select count(*) from held where status = 'superseded'
     and ($dataset is null or dataset = $dataset)) as superseded,
    (select count(*) from refused where status = 'refused'
     and ($dataset is null or dataset = $dataset)) as refused,
    (select count(*) from findings where $dataset is null or dataset = $dataset) as findings,
    (select count(*) from batches where $dataset is null or dataset = $dataset) as batches
"""

# A held row has an error finding in every run that held it, even after a later run took it over.
ROW_IDS = """
select row_id, 'held' as home from held where run_id = $run_id
union
select row_id, 'held' from findings f where run_id = $run_id and severity = 'error'
union
select row_id, 'refused' from refused where run_id = $run_id
order by home, row_id
"""

FED = "select entry from fed order by number"


def misplaced(table: str) -> str:
    """How many rows of two databases differ, place by place; the other is `here`.

    None, as a rule: then nothing has to be in memory. When a batch was fed is not compared.
    """
    ours, theirs = _compared(table)
    return (
        f"select count(*) from ({ours}) a positional join ({theirs}) b where a is distinct from b"
    )


def differing(table: str) -> str:
    """How many rows one of two databases has and the other lacks, wherever they are."""
    ours, theirs = _compared(table)
    return (
        f"select (select count(*) from ({ours} except all {theirs}))"
        f" + (select count(*) from ({theirs} except all {ours}))"
    )


def _compared(table: str) -> tuple[str, str]:
    columns = "* exclude (fed_at)" if table == "batches" else "*"
    return f"select {columns} from {table}", f"select {columns} from here.{table}"
