"""Audits of a candidate snapshot, one per file; `AUDITS` runs in this order."""

from cleanhold.audits.keys import keys
from cleanhold.audits.not_null import not_null
from cleanhold.audits.tolerance import tolerance
from cleanhold.core.audit import Audit

AUDITS: tuple[Audit, ...] = (tolerance, keys, not_null)

__all__ = ["AUDITS", "keys", "not_null", "tolerance"]
