"""The questions that `Quarantine` answers. A parameter that is null does not narrow."""

from __future__ import annotations

TABLES = "select table_name, comment from duckdb_tables() where not internal"

# Findings of the newest verdict on each held row; older verdicts stay for the history.
_VERDICT = "held h join findings f using (dataset, row_id, run_id)"

SUMMARY = f"""
select dataset, f."check", f."column", f.severity,
       count(distinct row_id) as rows, min(h.first_seen) as oldest, max(h.last_seen) as newest
from {_VERDICT}
where h.status = 'held' and ($dataset is null or dataset = $dataset)
group by all
union all
select dataset, 'refused:' || code, null, 'error',
       count(*), min(first_seen), max(first_seen)
from refused
where status = 'refused' and ($dataset is null or dataset = $dataset)
group by all
order by rows desc, dataset, "check", "column", severity
"""

_ROW = """
h.row_id, h.dataset, h.source, h.extract, h.extract_name, h.record, h.business_key,
h.raw::varchar as raw, h.parsed::varchar as parsed, h.status, h.first_seen, h.last_seen,
h.times_seen, h.byte_offset, h.byte_length, h.superseded_by, h.contract_version, h.run_id,
h.delivered, h.case_id
"""

# The page first, its findings after: only its rows are looked up.
_WITH_FINDINGS = """
select page.* exclude (delivered), f.checks, f.messages
from page left join (
    select dataset, row_id, run_id, list("check" order by "check", "column") as checks,
           list(message order by "check", "column") as messages
    from findings semi join page using (dataset, row_id, run_id)
    group by all
) f using (dataset, row_id, run_id)
"""

ROWS = f"""
with page as (
    select {_ROW} from held h
    where ($dataset is null or h.dataset = $dataset)
    and ($status is null or h.status = $status)
    and ($case is null or h.case_id = $case)
    and ($check is null or exists (
        select 1 from findings f
        where f.row_id = h.row_id and f.dataset = h.dataset and f.run_id = h.run_id
        and f."check" = $check))
    and ($after_row is null or (h.dataset, h.extract, h.record) > (
        select (a.dataset, a.extract, a.record) from held a
        where a.dataset = $after_dataset and a.row_id = $after_row))
    order by h.dataset, h.extract, h.record
    limit $limit
)
{_WITH_FINDINGS}
order by page.dataset, page.extract, page.record
"""

FIND = f"""
with page as (
    select {_ROW} from held h
    where h.business_key = $business_key and ($dataset is null or h.dataset = $dataset)
)
{_WITH_FINDINGS}
order by page.delivered desc, page.record desc
"""

ROW = f"""
select {_ROW} from held h
where h.row_id = $row_id and ($dataset is null or h.dataset = $dataset)
order by h.dataset limit 1
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

EXPORT = f"""
select row_id, dataset, h.source, h.extract_name, h.extract, h.record, h.business_key,
       f."check", f."column", f.value, f.message, f.severity, h.status, h.first_seen,
       h.last_seen, h.times_seen, h.contract_version, h.raw::varchar as raw
from {_VERDICT}
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

TO_CORRECT = """
with chosen as (
    select * from held
    where dataset = $dataset and ($status is null or status = $status)
    and ($rows is null or list_contains($rows, row_id))
    and ($check is null or exists (
        select 1 from findings f
        where f.row_id = held.row_id and f.dataset = held.dataset and f.run_id = held.run_id
        and f."check" = $check))
)
select c.row_id, c.content_hash, c.status, c.run_id, c.patch::varchar as patch,
       c.raw::varchar as raw, c.case_id, c.waived_until, w.messages, w.columns, w.checks
from chosen c left join (
    select dataset, row_id, run_id, list(message order by "check", "column") as messages,
           list(distinct "column") filter ("column" is not null) as columns,
           list(distinct "check") filter ("column" is null) as checks
    from findings semi join chosen using (dataset, row_id, run_id)
    where severity = 'error' group by all
) w using (dataset, row_id, run_id)
order by c.extract, c.record
"""

TO_REPLAY = """
with chosen as (
    select *, if(status = 'waived' and (waived_until is null or waived_until >= $today), waived,
                 []::varchar[]) as under
    from held
    where dataset = $dataset
    and (status in ('corrected', 'waived') or (status = 'held' and contract_version <> $version))
    and ($since is null or first_seen >= $since)
    and ($rows is null or list_contains($rows, row_id))
    and ($case is null or case_id = $case)
    and ($check is null or exists (
        select 1 from findings f
        where f.row_id = held.row_id and f.dataset = held.dataset and f.run_id = held.run_id
        and f."check" = $check))
)
select row_id, record, byte_offset as "offset", byte_length as length,
       json_merge_patch(raw, coalesce(patch, '{}'::json))::varchar as values,
       json_keys(raw) as names, under as waived
from chosen order by row_id
"""

TO_DECIDE = """
with chosen as (
    select * from held
    where dataset = $dataset
    and case when $status is not null then status = $status
             when $act = 'reopen' then status in ('corrected', 'waived', 'rejected')
             when $act in ('assign', 'comment') then status not in ('superseded')
             when $rows is not null then status in ('held', 'corrected', 'waived')
             else status = 'held' end
    and ($rows is null or list_contains($rows, row_id))
    and ($case is null or case_id = $case)
    and ($check is null or exists (
        select 1 from findings f
        where f.row_id = held.row_id and f.dataset = held.dataset and f.run_id = held.run_id
        and f."check" = $check))
), holding as (
    select dataset, row_id, run_id, list(distinct concat_ws('.', f."column", f."check")) as holding
    from findings f semi join chosen using (dataset, row_id, run_id)
    where f.severity = 'error' group by all
)
select row_id, record, byte_offset as "offset", byte_length as length,
       json_merge_patch(raw, coalesce(patch, '{}'::json))::varchar as values,
       json_keys(raw) as names, []::varchar[] as waived,
       content_hash, raw::varchar as raw, patch::varchar as patch, status, c.run_id, holding,
       business_key
from chosen c left join holding using (dataset, row_id, run_id)
order by row_id
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


def differing(table: str) -> str:
    """How many rows one of two databases has and the other lacks; the other is `here`.

    When a batch was fed is not compared.
    """
    columns = "* exclude (fed_at)" if table == "batches" else "*"
    ours, theirs = f"select {columns} from {table}", f"select {columns} from here.{table}"
    return (
        f"select (select count(*) from ({ours} except all {theirs}))"
        f" + (select count(*) from ({theirs} except all {ours}))"
    )
