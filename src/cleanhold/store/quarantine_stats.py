"""How well checks do: what each caught, and what people made of it."""

from __future__ import annotations

# One line per row and check that held it in any run. How a row ended goes by where it stands and
# by the last act on it. What cleanhold decided by itself, again or as the contract says, tells
# nothing about how long people took; and what only the contract corrected nobody has confirmed.
STATS = """
with caught as (
    select distinct f.dataset, f.row_id, f."check", f."column"
    from findings f semi join held using (dataset, row_id)
    where f.severity = 'error' and ($dataset is null or f.dataset = $dataset)
), acts as (
    select y.dataset, y.row_id, arg_max(y.what, y.rowid) as act, max(y.rowid) as n,
           arg_max((d.terms ->> '$.automatic') is not null, y.rowid) as by_itself,
           min(y.happened) filter ((d.terms ->> '$.again') is null
                                   and (d.terms ->> '$.automatic') is null) as decided
    from history y join decisions d on y.cause = 'decision ' || d.id
    where y.what in ('correct', 'waive', 'release', 'reject', 'reopen')
    group by all
), releases as (
    select dataset, row_id, max(rowid) as n from history where what = 'released' group by all
), ends as (
    select h.dataset, h.row_id, epoch(a.decided - h.first_seen) / 3600 as hours,
        case when h.status = 'held' then 'waiting'
             when h.status = 'released' and a.act = 'reopen' and a.n > r.n then 'waiting'
             when a.by_itself then 'automatic'
             when h.status in ('corrected', 'rejected') then 'confirmed'
             when h.status = 'waived' then 'unchanged'
             when a.act in ('correct', 'reject') then 'confirmed'
             when a.act in ('waive', 'release') or h.status = 'released' then 'unchanged'
             else 'superseded' end as how
    from held h
    left join acts a using (dataset, row_id)
    left join releases r using (dataset, row_id)
), alone as (
    select dataset, row_id from caught group by all having count(*) = 1
)
select c.dataset, c."check", c."column", count(*) as caught, count(l.row_id) as only_by_it,
       count(*) filter (how = 'confirmed') as confirmed,
       count(*) filter (how = 'automatic') as automatic,
       count(*) filter (how = 'unchanged') as unchanged,
       count(*) filter (how = 'waiting') as waiting,
       count(*) filter (how = 'superseded') as superseded,
       median(hours) as hours_until_decided
from caught c
join ends using (dataset, row_id)
left join alone l using (dataset, row_id)
group by all
order by caught desc, c.dataset, c."check", c."column"
"""
