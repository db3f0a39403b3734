"""Column lineage: of Polars plans, of what sources deliver, and of what a manifest keeps."""

from cleanhold.tracing.columns.delivered import chained, of_delivery
from cleanhold.tracing.columns.kept import kept, of_manifest
from cleanhold.tracing.columns.marks import mark
from cleanhold.tracing.columns.plan import NOT_AS_KNOWN, anything, lineage_of
from cleanhold.tracing.columns.watch import watched

__all__ = [
    "NOT_AS_KNOWN",
    "anything",
    "chained",
    "kept",
    "lineage_of",
    "mark",
    "of_delivery",
    "of_manifest",
    "watched",
]
