"""What the quarantine says about held rows that heal by themselves."""

from __future__ import annotations

# Acts and replays in the order they came; `rowid` is that order, for nothing is ever removed.
# The last act on each row, with how the row was left; rows that nobody decided on have none.
_LAST_ACTS = """
events as (
    select row_id, rowid as n, what, cause from history where dataset = $dataset
), last_act as (
    select row_id, max(n) as n, arg_max(what, n) as act,
           arg_max(try_cast(replace(cause, 'decision ', '') as integer), n) as decision
    from events where what in ('correct', 'waive', 'release', 'reject', 'reopen') group by row_id
)
"""

# Contents that wait again, and the one way in which they were decided before. Not decided again
# is what was reopened, what the last replay still held, and what two rows of one extract with
# the same content were given two answers to. What the contract decided it decides anew. Only a
# replay reads no extract: one that is delivered and held once more says nothing of a decision.
AGAIN = f"""
with {_LAST_ACTS}, waiting as (
    select row_id, content_hash from held where dataset = $dataset and status = 'held'
), alike as (
    select h.row_id, h.content_hash, h.extract, h.patch::varchar as patch, h.waived,
           h.waived_until, a.n, a.act, a.decision,
           coalesce(try_cast(d.terms ->> '$.again' as integer), a.decision) as root
    from held h
    left join last_act a using (row_id)
    left join decisions d on d.id = a.decision
    where h.dataset = $dataset and h.content_hash in (select content_hash from waiting)
), newest as (
    select content_hash, max(decision) as decision from alike group by content_hash
), answers as (
    select content_hash, any_value(act) as act, any_value(root) as root,
           any_value(patch) as patch, any_value(waived) as waived,
           any_value(waived_until) as until, max(n) as n
    from alike semi join newest using (content_hash, decision)
    group by content_hash
    having count(distinct (coalesce(patch, ''), coalesce(waived, []))) = 1
), disputed as (
    select content_hash from alike group by content_hash, extract
    having count(distinct coalesce(root, 0)) > 1
), undisputed as (
    select * from answers anti join disputed using (content_hash)
), began as (
    select cause, min(n) as n from events group by cause
), judged as (
    select l.content_hash, max(e.n) filter (e.what = 'released') as released,
           max(e.n) filter (e.what in ('still held', 'held') and b.run_id is not null) as still
    from events e join alike l using (row_id)
    left join batches b on b.run_id = e.cause and b.extract = b.run_id
    group by l.content_hash
)
select w.row_id, w.content_hash::varchar as content_hash, u.act, u.root, d.why, u.patch, u.waived,
       u.until
from waiting w
join undisputed u using (content_hash)
join decisions d on d.id = u.root and (d.terms ->> '$.automatic') is null
join began b on b.cause = 'decision ' || u.root
left join judged j using (content_hash)
where u.act = 'reject'
or (u.act in ('correct', 'waive', 'release') and j.released > b.n
    and (j.still is null or j.still < u.n) and (u.until is null or u.until >= $today))
order by u.root, w.row_id
"""

# What such a decision left to be replayed, and what readers have although its waiver is over or it
# was reopened: that is judged as it was delivered. A row that waits or was rejected, after it was
# released or its extract was judged once more, may be in the table that a rollback brought back.
TO_HEAL = f"""
with {_LAST_ACTS}, last_release as (
    select row_id, max(n) as n from events where what = 'released' group by row_id
), judged_twice as (
    select run_id from batches where dataset = $dataset and published
    and extract in (
        select extract from batches where dataset = $dataset group by extract having count(*) > 1)
), causes as (
    select h.rowid as place, case
        when h.status = 'released' and a.act = 'reopen' and a.n > r.n then 'reopened'
        when h.status = 'released' and len(h.waived) > 0 and h.waived_until < $today then 'over'
        when h.status = 'rejected' and (r.n is not null or j.run_id is not null) then 'rejected'
        when h.status not in ('held', 'corrected', 'waived') then null
        when h.status <> 'held' and (d.terms ->> '$.automatic') is not null then 'automatic'
        when h.status <> 'held' and (d.terms ->> '$.again') is not null then 'again'
        when r.n is not null or j.run_id is not null then 'back' end as cause
    from held h
    left join last_act a using (row_id)
    left join last_release r using (row_id)
    left join judged_twice j on j.run_id = h.run_id
    left join decisions d on d.id = a.decision
    where h.dataset = $dataset
)
select row_id, record, byte_offset as "offset", byte_length as length,
       if(patch is null, raw, json_merge_patch(raw, patch))::varchar as values,
       json_keys(raw) as names, cause,
       status = 'released' or cause in ('back', 'rejected') as published,
       if(waived_until is null or waived_until >= $today, waived, []::varchar[]) as waived
from causes join held on held.rowid = place where cause is not null order by row_id
"""
