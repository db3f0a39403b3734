"""Audits of a candidate snapshot, one per file; `AUDITS` runs in this order."""

from cleanhold.audits.expectations import expectations
from cleanhold.audits.keys import keys
from cleanhold.audits.loss_bias import loss_bias
from cleanhold.audits.not_null import not_null
from cleanhold.audits.tolerance import tolerance
from cleanhold.core.audit import Audit

AUDITS: tuple[Audit, ...] = (tolerance, keys, not_null, loss_bias, expectations)

__all__ = ["AUDITS", "expectations", "keys", "loss_bias", "not_null", "tolerance"]
