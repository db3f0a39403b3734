"""Feeding one batch into the quarantine, in one transaction, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from cleanhold.core.extract import ROW_ID_PREFIX
from cleanhold.core.finding import ROW_ID, business_key
from cleanhold.store import quarantine_replay as replay
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.quarantine_cases import CAUSES, CAUSES_AGAIN, OPEN_CASES
from cleanhold.store.snapshots import scan
from cleanhold.store.statements import Statements, literal, transaction


@dataclass(frozen=True, slots=True)
class Batch:
    """What one run held back, as the immutable files of its snapshot.

    Attributes:
        run_id: the run key; a batch is fed once.
        extract_sha256: the extract (for a built table: the run key); begins its row ids.
        seen_at: when the run was committed.
        order: sortable text, the order of the extract among deliveries. Rows of later
            deliveries are never superseded by this batch.
        load: `replace`, `append` or `upsert`.
        key: key columns of the contract.
        published: whether readers got the run's snapshot.
        held, warned, refused: Parquet files (`core.finding` has their schemas).
        data: data files with the clean rows of the run; others in them are ignored.
        keys: for a snapshot whose rows are gone, the file of those business keys in it that
            settle held rows (column `business_key`); else None.
        replayed: for a replay, the file of the rows that it judged again; else None.
        superseded: for a replay, files of the rows that newer ones had replaced.
        personal: columns whose values must not name a case.
    """

    run_id: str
    dataset: str
    source: str
    extract_sha256: str
    extract_name: str
    contract_version: str
    seen_at: datetime
    order: str
    load: str
    key: tuple[str, ...]
    published: bool
    held: Sequence[Path] = ()
    warned: Sequence[Path] = ()
    refused: Sequence[Path] = ()
    data: Sequence[Path] = ()
    keys: Path | None = None
    replayed: Path | None = None
    superseded: Sequence[Path] = ()
    personal: tuple[str, ...] = ()

    @property
    def entry(self) -> str:
        """Its name among what is fed, beside decisions."""
        return self.run_id

    @property
    def parameters(self) -> dict[str, Any]:
        """What the statements below call by name."""
        return {
            "run": self.run_id,
            "dataset": self.dataset,
            "source": self.source,
            "extract": self.extract_sha256,
            "name": self.extract_name,
            "version": self.contract_version,
            "seen": self.seen_at.astimezone(UTC).replace(tzinfo=None),
            "order": self.order,
            "personal": list(self.personal),
            "published": self.published,
        }


_WAITS = "status in ('held', 'corrected', 'waived')"

#: Rows of other, earlier deliveries of the dataset that still wait.
_EARLIER = f"dataset = $dataset and {_WAITS} and extract <> $extract and delivered < $order"

#: Those that a decision or a replay closed too: their content was seen all the same.
_SIGHTED = f"({_WAITS} or status in ('rejected', 'released')) and delivered < $order"

#: What settles rows. First which, and by what; then each is recorded and marked. Rows are found
#: again by `rowid`: no text has to be compared.
_SETTLING = (
    "create or replace temp table settling as select held.rowid as place, held.row_id, "
    "{cause} as cause from held "
)
_SETTLED = (
    "insert into history select row_id, $dataset, $seen, 'superseded', cause, null, null "
    "from settling",
    "update held set status = 'superseded', superseded_by = settling.cause from settling "
    "where held.rowid = settling.place",
)

# The findings of a file, numbered on from those that are there.
_FOUND = """
create or replace temp table found as
select row_id, findings, len(findings)::integer as found,
       ((select coalesce(max(number), 0) from findings) + 1 - len(findings)
        + sum(len(findings)) over (rows unbounded preceding))::bigint as first_finding,
       nullif(list_sort(list_distinct(list_transform(
           list_filter(findings, lambda f: f.severity <> 'error'),
           lambda f: concat_ws('.', f."column", f."check")))), []) as warned
from read_parquet($files)
"""

_FINDINGS = """
insert into findings
select first_finding + place - 1, row_id, $run, $dataset, f."check", f."column", f.value,
       f.message, f.severity, $version
from (select row_id, first_finding, unnest(findings) as f,
             generate_subscripts(findings, 1) as place from found)
"""

_INCOMING = """
create or replace temp table incoming as
select row_id, record, "offset", length, business_key, raw, parsed,
       left(sha256(raw), 32)::uuid as content_hash, case_id, first_finding, found, warned
from read_parquet($files) left join (select row_id, case_id from causes) using (row_id)
left join (select row_id, first_finding, found, warned from found) using (row_id)
"""

# Rows of other deliveries that have the same content, unless something settled them.
_ALIKE = """
create or replace temp table alike as
select held.rowid as place, row_id, record, content_hash, status, delivered, first_seen, times_seen
from held semi join incoming using (content_hash)
where dataset = $dataset and extract <> $extract and status <> 'superseded'
"""

# The same content of a later delivery waits already: this row is an older sighting of it.
_LATER = f"""
create or replace temp table later as
select content_hash, arg_max(row_id, (delivered, record)) as row_id,
       arg_max(place, (delivered, record)) as place
from alike where {_WAITS} and delivered > $order
group by content_hash
"""

_SEEN_BEFORE = f"""
create or replace temp table seen_before as
select content_hash, min(first_seen) as first_seen, max(times_seen) as times_seen
from alike where {_SIGHTED}
group by content_hash
"""

_SAME_CONTENT = f"""
create or replace temp table settling as
select alike.place, alike.row_id, newest.row_id as cause from alike
join (select content_hash, arg_min(row_id, record) as row_id from incoming group by 1) newest
using (content_hash) where {_WAITS} and delivered < $order
"""

# The rows of this very extract from an earlier run (another contract or code version). One that
# a *later delivery* settled stays settled, unless this extract was delivered again after it.
_KNOWN = """
create or replace temp table known as
select held.rowid as place, row_id, first_seen,
       times_seen + (delivered < $order)::integer as times_seen,
       case when status = 'superseded' and delivered >= $order and superseded_by not in
            (select run_id from batches where dataset = $dataset and extract = $extract)
       then superseded_by end as settled_by
from held where dataset = $dataset and extract = $extract
"""

_VERDICTS = """
create or replace temp table verdicts as
select i.*, k.place, coalesce(k.settled_by, l.row_id) as superseded_by,
       least($seen, s.first_seen, k.first_seen) as first_seen,
       greatest(1, s.times_seen + 1, k.times_seen) as times_seen
from incoming i
left join known k using (row_id)
left join seen_before s using (content_hash)
left join later l using (content_hash)
"""

# How a row of an earlier run of this extract stands after this one.
_STANDS = (
    "case when v.superseded_by is not null then 'superseded' when held.status = 'superseded' "
    "or held.status = 'released' and $published then 'held' else held.status end"
)

_HELD_AGAIN = f"""
insert into history
select held.row_id, $dataset, $seen, {_STANDS} as stands, coalesce(v.superseded_by, $run), null,
       null
from held join verdicts v on held.rowid = v.place
where stands <> held.status
"""

# Not `on conflict do update`: DuckDB 2.0 did not end 400,000 conflicts within four minutes.
_HOLD_AGAIN = f"""
update held set
    run_id = $run, business_key = v.business_key, raw = v.raw, parsed = v.parsed,
    status = {_STANDS},
    first_seen = v.first_seen, last_seen = $seen, times_seen = v.times_seen,
    byte_offset = v."offset", byte_length = v.length, content_hash = v.content_hash,
    superseded_by = v.superseded_by, contract_version = $version,
    extract_name = $name, delivered = $order, case_id = v.case_id,
    first_finding = v.first_finding, found = v.found, warned = to_json(v.warned)
from verdicts v where held.rowid = v.place
"""

_HOLD = """
insert into held
select v.row_id, $run, $dataset, $source, $extract, $name, v.record, v.business_key, v.raw,
       v.parsed, if(v.superseded_by is null, 'held', 'superseded'), v.first_seen, $seen,
       v.times_seen, v."offset", v.length, v.content_hash, v.superseded_by, $version, $order,
       null, null, null, null, v.case_id, v.first_finding, v.found, to_json(v.warned)
from verdicts v where place is null
"""

# Closed rows count it too: what comes after them goes on from their count.
_COUNT_OLDER_SIGHTING = f"""
update held set times_seen = times_seen + 1, first_seen = least(first_seen, $seen)
where held.rowid in (
    select place from alike where {_SIGHTED.replace("delivered <", "delivered >")})
and not exists (select 1 from batches where dataset = $dataset and extract = $extract)
"""

_REFUSE_AGAIN = """
update refused set
    run_id = $run, byte_offset = r."offset", byte_length = r.length, code = r.code,
    message = r.message, bytes = r.bytes, status = 'refused', superseded_by = null,
    delivered = $order
from read_parquet($files) r where refused.dataset = $dataset and refused.row_id = r.row_id
"""

_REFUSE = """
insert into refused
select row_id, $run, $dataset, $source, $extract, $name, record, "offset", length, code, message,
       bytes, 'refused', null, $seen, $order
from read_parquet($files)
where row_id not in (select row_id from refused where dataset = $dataset and extract = $extract)
"""

_SAME_KEY_CLEAN = (
    _SETTLING.format(cause="$run")
    + f"""
where business_key in (select business_key from clean_keys) and {_EARLIER}
"""
)

# A published run of the same extract judged these rows anew and did not hold them.
_REJUDGED = "dataset = $dataset and extract = $extract and run_id <> $run"

# The whole table was delivered again.
_REPLACED = "dataset = $dataset and extract <> $extract and delivered < $order"

_NO_LONGER_HELD = _SETTLING.format(cause="$run") + "where {which} and status not in {closed}"
_NO_LONGER_REFUSED = (
    "update refused set status = 'superseded', superseded_by = $run "
    "where {which} and status <> 'superseded'"
)

#: What is known of the rows that come in, and which rows their content settles.
_KNOWING = (_ALIKE, _LATER, _SEEN_BEFORE, _KNOWN, _VERDICTS, _SAME_CONTENT)

_BATCH = """
insert into batches values ($run, $dataset, $source, $extract, $version, $published, $seen,
    $fed, $held, $findings, $refused)
"""


def feed(connection: duckdb.DuckDBPyConnection, batch: Batch, number: int) -> None:
    """Feed a batch, in one transaction.

    Args:
        connection: to the quarantine.
        batch: what a run held back.
        number: its place among what was fed: 1, 2, 3 …
    """
    run = Statements(connection, batch.parameters)
    with transaction(connection):
        counts = _replay(run, batch) if batch.replayed else _hold(connection, run, batch)
        crash_point("feeding")
        now = datetime.now(UTC).replace(tzinfo=None)
        run(_BATCH, fed=now, **counts)
        run("insert into fed values ($number, $run)", number=number)
    crash_point("fed")


def _hold(connection: duckdb.DuckDBPyConnection, run: Statements, batch: Batch) -> dict[str, int]:
    held = found = refused = 0
    for files in literal(batch.held):
        for statement in (CAUSES, OPEN_CASES, _FOUND, _INCOMING, *_KNOWING, *_SETTLED):
            run(statement, files=files)
        run(_HELD_AGAIN)
        held += run(_HOLD_AGAIN) + run(_HOLD)
        run(_COUNT_OLDER_SIGHTING)
        found += run(_FINDINGS)
    for files in literal(batch.warned):
        run(_FOUND, files=files)
        found += run(_FINDINGS)
    for files in literal(batch.refused):
        refused += run(_REFUSE_AGAIN, files=files) + run(_REFUSE, files=files)
    if batch.published:
        settled = {_REJUDGED: "('superseded', 'released')"}
        if batch.load == "replace":
            settled[_REPLACED] = "('superseded', 'released', 'rejected')"
        for which, closed in settled.items():
            run(_NO_LONGER_REFUSED.format(which=which))
            for statement in (_NO_LONGER_HELD.format(which=which, closed=closed), *_SETTLED):
                run(statement)
        if batch.load != "replace" and batch.key and (batch.data or batch.keys):
            connection.register("clean_keys", clean_keys(batch).to_arrow())
            for statement in (_SAME_KEY_CLEAN, *_SETTLED):
                run(statement)
            connection.unregister("clean_keys")
    return {"held": held, "findings": found, "refused": refused}


def _replay(run: Statements, batch: Batch) -> dict[str, int]:
    assert batch.replayed is not None
    run(replay.JUDGED, files=literal([batch.replayed])[0])
    for files in literal(batch.superseded):
        run(replay.SUPERSEDED, files=files)
    held = found = 0
    for files in literal(batch.held):
        for statement in (CAUSES_AGAIN, OPEN_CASES, _FOUND, replay.FOUND):
            run(statement, files=files)
        held += run(replay.STILL, files=files)
        found += run(_FINDINGS)
    for files in literal(batch.warned):
        run(_FOUND, files=files)
        run(replay.FOUND)
        found += run(_FINDINGS)
    replay.replayed(run, published=batch.published)
    return {"held": held, "findings": found, "refused": 0}


def clean_keys(batch: Batch) -> pl.DataFrame:
    """Business keys of this extract's clean rows."""
    if batch.keys is not None:
        return pl.read_parquet(batch.keys)
    ours = pl.col(ROW_ID).str.starts_with(f"{batch.extract_sha256[:ROW_ID_PREFIX]}-")
    key = business_key(batch.key).alias("business_key")
    # One by one: earlier files of an appended dataset may have other columns.
    files = [scan([path]).filter(ours).select(key) for path in batch.data]
    return pl.concat(files).drop_nulls().unique().collect(engine="streaming")
