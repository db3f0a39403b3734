"""What the quarantine says about waivers: whose they are, and which rows were told of a limit."""

from __future__ import annotations

# The newest decision that lets a row through, and its last day.
WAIVERS = """
select h.row_id, h.waived_until as until,
       arg_max(try_cast(replace(y.cause, 'decision ', '') as integer), y.rowid) as decision
from held h join history y using (dataset, row_id)
where dataset = $dataset and row_id in (select unnest($rows::varchar[]))
and y.what in ('waive', 'release')
group by all
order by h.row_id
"""

# Rows whose history says already that a decision is not made again for them.
LEFT = """
select distinct y.row_id
from history y join decisions d on y.cause = 'decision ' || d.id
where y.dataset = $dataset and (d.terms ->> '$.not_again') = $decision::varchar
"""
