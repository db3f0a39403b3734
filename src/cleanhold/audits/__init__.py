"""Audits of a candidate snapshot, one per file; `AUDITS` runs in this order."""

from cleanhold.audits.drift import drift
from cleanhold.audits.expectations import expectations
from cleanhold.audits.freshness import freshness
from cleanhold.audits.keys import keys
from cleanhold.audits.loss_bias import loss_bias
from cleanhold.audits.not_null import not_null
from cleanhold.audits.reconciliation import reconciliation
from cleanhold.audits.tolerance import tolerance
from cleanhold.audits.volume import volume
from cleanhold.core.audit import Audit

AUDITS: tuple[Audit, ...] = (
    tolerance,
    keys,
    not_null,
    loss_bias,
    drift,
    volume,
    freshness,
    reconciliation,
    expectations,
)

__all__ = [
    "AUDITS",
    "drift",
    "expectations",
    "freshness",
    "keys",
    "loss_bias",
    "not_null",
    "reconciliation",
    "tolerance",
    "volume",
]
