"""The key of the whole table, read back from the files: unique and never null."""

from __future__ import annotations

import polars as pl

from cleanhold.core.audit import AuditResult, Candidate, Verdict


def keys(candidate: Candidate) -> AuditResult:
    """Stop a candidate in which two rows share a key, or one has none.

    Row checks see one extract; this sees the table they are merged into.
    """
    key = list(candidate.contract.key)
    if not key:
        return AuditResult("keys", Verdict.PASS, "the contract has no key")
    rows = pl.scan_parquet(list(candidate.data), glob=False).select(key)
    shared = rows.group_by(key).len().filter(pl.col("len") > 1)
    counts = pl.collect_all(
        [
            shared.select(pl.col("len").sum()),
            rows.filter(pl.any_horizontal(pl.col(key).is_null())).select(pl.len()),
        ],
        engine="streaming",
    )
    twice, missing = (int(frame.item() or 0) for frame in counts)
    named = ", ".join(key)
    if twice or missing:
        what = f"in the merged table {twice} rows share their key ({named}) and {missing} have none"
        return AuditResult("keys", Verdict.STOP, what, f"{twice} + {missing}", "0", promised=True)
    return AuditResult("keys", Verdict.PASS, f"every row has its own {named}", "0", "0")
