"""Feeding one batch into the quarantine, in one transaction, once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from cleanhold.core.extract import ROW_ID_PREFIX
from cleanhold.core.finding import ROW_ID, business_key
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.snapshots import scan


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
        }


#: Rows of other, earlier deliveries of the dataset that still wait.
_EARLIER = "dataset = $dataset and status = 'held' and extract <> $extract and delivered < $order"

_INCOMING = """
create or replace temp table incoming as
select row_id, record, "offset", length, business_key, raw, parsed, sha256(raw) as content_hash
from read_parquet($files)
"""

# The same content of a later delivery waits already: this row is an older sighting of it.
_LATER = """
create or replace temp table later as
select content_hash, arg_max(row_id, (delivered, record)) as row_id
from held semi join incoming using (content_hash)
where dataset = $dataset and status = 'held' and extract <> $extract and delivered > $order
group by content_hash
"""

_SEEN_BEFORE = f"""
create or replace temp table seen_before as
select content_hash, min(first_seen) as first_seen, max(times_seen) as times_seen
from held semi join incoming using (content_hash)
where {_EARLIER}
group by content_hash
"""

_SUPERSEDE_SAME_CONTENT = f"""
update held set status = 'superseded', superseded_by = newest.row_id
from (select content_hash, arg_min(row_id, record) as row_id from incoming group by 1) newest
where held.content_hash = newest.content_hash and {_EARLIER}
"""

# The rows of this very extract from an earlier run (another contract or code version). One that
# a *later delivery* settled stays settled, unless this extract was delivered again after it.
_KNOWN = """
create or replace temp table known as
select row_id, first_seen, times_seen,
       case when status = 'superseded' and delivered >= $order and superseded_by not in
            (select run_id from batches where dataset = $dataset and extract = $extract)
       then superseded_by end as settled_by
from held where dataset = $dataset and extract = $extract
"""

_VERDICTS = """
create or replace temp table verdicts as
select i.*, coalesce(k.settled_by, l.row_id) as superseded_by,
       least($seen, s.first_seen, k.first_seen) as first_seen,
       greatest(1, s.times_seen + 1, k.times_seen) as times_seen
from incoming i
left join known k using (row_id)
left join seen_before s using (content_hash)
left join later l using (content_hash)
"""

# Not `on conflict do update`: DuckDB 2.0 did not end 400,000 conflicts within four minutes.
_HOLD_AGAIN = """
update held set
    run_id = $run, business_key = v.business_key, raw = v.raw, parsed = v.parsed,
    status = if(v.superseded_by is null, 'held', 'superseded'), first_seen = v.first_seen,
    last_seen = $seen, times_seen = v.times_seen, byte_offset = v."offset",
    byte_length = v.length, content_hash = v.content_hash, superseded_by = v.superseded_by,
    contract_version = $version, extract_name = $name, delivered = $order
from verdicts v where held.dataset = $dataset and held.row_id = v.row_id
"""

_HOLD = """
insert into held
select v.row_id, $run, $dataset, $source, $extract, $name, v.record, v.business_key, v.raw,
       v.parsed, if(v.superseded_by is null, 'held', 'superseded'), v.first_seen, $seen,
       v.times_seen, v."offset", v.length, v.content_hash, v.superseded_by, $version, $order
from verdicts v anti join known using (row_id)
"""

_COUNT_OLDER_SIGHTING = """
update held set times_seen = times_seen + 1, first_seen = least(first_seen, $seen)
where dataset = $dataset and row_id in (select l.row_id from later l)
and not exists (select 1 from batches where dataset = $dataset and extract = $extract)
"""

_FINDINGS = """
insert into findings
select row_id, $run, $dataset, f."check", f."column", f.value, f.message, f.severity, $version
from (select row_id, unnest(findings) as f from read_parquet($files))
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

_SUPERSEDE_BY_KEY = f"""
update held set status = 'superseded', superseded_by = $run
where business_key in (select business_key from clean_keys) and {_EARLIER}
"""

# A published run of the same extract judged these rows anew and did not hold them.
_SUPERSEDE_REJUDGED = """
update {table} set status = 'superseded', superseded_by = $run
where dataset = $dataset and extract = $extract and run_id <> $run and status <> 'superseded'
"""

# The whole table was delivered again.
_SUPERSEDE_REPLACED = """
update {table} set status = 'superseded', superseded_by = $run
where dataset = $dataset and extract <> $extract and delivered < $order and status <> 'superseded'
"""

_BATCH = """
insert into batches values ($run, $dataset, $source, $extract, $version, $published, $seen,
    $fed, $held, $findings, $refused)
"""


_NAMED = re.compile(r"\$([a-z]+)")


def feed(connection: duckdb.DuckDBPyConnection, batch: Batch) -> bool:
    """Feed a batch; False, and nothing happens, if it was fed before."""
    connection.begin()
    try:
        fed = _feed(connection, batch)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    if fed:
        crash_point("fed")
    return fed


def _feed(connection: duckdb.DuckDBPyConnection, batch: Batch) -> bool:
    known = connection.execute("select 1 from batches where run_id = $1", [batch.run_id])
    if known.fetchall():
        return False
    values = batch.parameters

    def run(statement: str, **more: Any) -> int:
        """Execute with the parameters it names; returns the rows it changed."""
        known = {**values, **more}
        named = {name: known[name] for name in _NAMED.findall(statement)}
        # All of it: a connection with an unfinished result takes no other statement.
        changed = connection.execute(statement, named).fetchall()
        return int(changed[0][0]) if changed else 0

    held = found = refused = 0
    for files in _literal(batch.held):
        run(_INCOMING, files=files)
        for prepare in (_LATER, _SEEN_BEFORE, _KNOWN, _VERDICTS, _SUPERSEDE_SAME_CONTENT):
            run(prepare)
        held += run(_HOLD_AGAIN) + run(_HOLD)
        run(_COUNT_OLDER_SIGHTING)
        found += run(_FINDINGS, files=files)
    for files in _literal(batch.warned):
        found += run(_FINDINGS, files=files)
    for files in _literal(batch.refused):
        refused += run(_REFUSE_AGAIN, files=files) + run(_REFUSE, files=files)
    crash_point("feeding")
    if batch.published:
        for table in ("held", "refused"):
            run(_SUPERSEDE_REJUDGED.format(table=table))
            if batch.load == "replace":
                run(_SUPERSEDE_REPLACED.format(table=table))
        if batch.load != "replace" and batch.key and batch.data:
            connection.register("clean_keys", _clean_keys(batch).to_arrow())
            run(_SUPERSEDE_BY_KEY)
            connection.unregister("clean_keys")
    run(
        _BATCH,
        published=batch.published,
        fed=datetime.now(UTC).replace(tzinfo=None),
        held=held,
        findings=found,
        refused=refused,
    )
    return True


def _clean_keys(batch: Batch) -> pl.DataFrame:
    """Business keys of this extract's clean rows."""
    ours = pl.col(ROW_ID).str.starts_with(f"{batch.extract_sha256[:ROW_ID_PREFIX]}-")
    key = business_key(batch.key).alias("business_key")
    # One by one: earlier files of an appended dataset may have other columns.
    files = [scan([path]).filter(ours).select(key) for path in batch.data]
    return pl.concat(files).drop_nulls().unique().collect(engine="streaming")


def _literal(paths: Sequence[Path]) -> list[str]:
    """Paths for `read_parquet`, which would take brackets and stars as patterns."""
    escape = str.maketrans({"[": "[[]", "*": "[*]", "?": "[?]"})
    return [str(path).translate(escape) for path in paths]
