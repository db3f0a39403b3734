"""Facets of our own, beside those that `facets` has; their JSON schemas are in `schemas/`.

Like `facets` it imports the OpenLineage client; import it only where an event is made.
"""

from __future__ import annotations

from typing import Any

import attr
from openlineage.client.facet_v2 import RunFacet

from cleanhold.tracing.schemas import schema_url
from cleanhold.tracing.told import Staged, Told


@attr.define(kw_only=True)
class CleanholdStagedRunFacet(RunFacet):
    """How the rows of a run were divided, before anything is decided; key `cleanhold_staged`."""

    records: int
    clean: int
    held: int
    refused: int
    warned: int

    @staticmethod
    def _get_schema() -> str:
        return schema_url("CleanholdStagedRunFacet", "1-0-0")


@attr.define(kw_only=True)
class CleanholdLossBiasRunFacet(RunFacet):
    """Whether holding rows back skewed a segment; key `cleanhold_loss_bias`."""

    verdict: str
    measured: str
    expected: str
    overruled: bool
    segments: list[dict[str, Any]]

    @staticmethod
    def _get_schema() -> str:
        return schema_url("CleanholdLossBiasRunFacet", "1-0-0")


@attr.define(kw_only=True)
class CleanholdWaiversRunFacet(RunFacet):
    """Rows of the table that fail a check and were let through; key `cleanhold_waivers`."""

    rows: int
    waivers: list[dict[str, Any]]

    @staticmethod
    def _get_schema() -> str:
        return schema_url("CleanholdWaiversRunFacet", "1-0-0")


@attr.define(kw_only=True)
class CleanholdReadersRunFacet(RunFacet):
    """What readers had, and what they have; key `cleanhold_readers`."""

    channel: str
    before: int | None
    now: int

    @staticmethod
    def _get_schema() -> str:
        return schema_url("CleanholdReadersRunFacet", "1-0-0")


@attr.define(kw_only=True)
class CleanholdExpiryRunFacet(RunFacet):
    """The snapshot whose rows are gone, and why; key `cleanhold_expiry`."""

    snapshot: int
    why: str

    @staticmethod
    def _get_schema() -> str:
        return schema_url("CleanholdExpiryRunFacet", "1-0-0")


def staged(of: Staged, by: str) -> CleanholdStagedRunFacet:
    """The counts when the rows were divided."""
    counts = of.account.as_dict()
    del counts["superseded"]  # not known until they are merged
    return CleanholdStagedRunFacet(producer=by, **counts)


def loss_bias(told: Told, by: str) -> CleanholdLossBiasRunFacet | None:
    """What the audit of loss bias found; None if it was not asked."""
    found = next((audit for audit in told.audits if audit.name == "loss_bias"), None)
    if found is None or not found.expected:
        return None  # the contract names no segments
    return CleanholdLossBiasRunFacet(
        verdict=found.verdict,
        measured=found.measured,
        expected=found.expected,
        overruled=found.overruled,
        segments=[dict(segment) for segment in told.segments],
        producer=by,
    )


def waivers(told: Told, by: str) -> CleanholdWaiversRunFacet | None:
    """Which rows were let through; None if none were."""
    if not told.waived:
        return None
    return CleanholdWaiversRunFacet(
        rows=sum(waiver["rows"] for waiver in told.waived),
        waivers=[dict(waiver) for waiver in told.waived],
        producer=by,
    )
