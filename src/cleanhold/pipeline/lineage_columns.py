"""What the lineage graph tells of columns: what really ran, else what today's code would do."""

from __future__ import annotations

from collections.abc import Mapping

from cleanhold.core.column_lineage import ColumnLineage
from cleanhold.core.feature import Feature
from cleanhold.core.snapshot import Manifest
from cleanhold.pipeline.columns import of_feature, of_snapshot, of_source
from cleanhold.pipeline.lineage_details import Standing
from cleanhold.pipeline.stores import Stores


def columns_of(
    stores: Stores, dataset: str, feature: Feature | None, standing: Standing
) -> tuple[list[ColumnLineage], str]:
    """The lineage of a table's columns, a part for each source; and where it was read, in words.

    Of a source that the newest snapshot tells nothing of, what is declared today is taken.
    """
    ran = of_snapshot(standing.manifest) if standing.manifest else None
    parts = [ran] if ran else []
    if feature and not ran:
        parts.append(of_feature(feature, stores.contracts))
    delivered = _source_of(standing.manifest) if ran else ""
    for source in stores.sources.values():
        if source.dataset == dataset and source.name != delivered:
            parts.append(of_source(source, stores.contracts[dataset]))
    return parts, _read_from(stores, dataset, standing) if ran else "today's declarations"


def headers_of(manifest: Manifest | None) -> Mapping[str, tuple[str, ...]]:
    """Source → the headers that it delivered last, those that nothing is made of, too."""
    headers = manifest.details.get("headers") if manifest else None
    return {_source_of(manifest): tuple(headers)} if headers else {}


def _source_of(manifest: Manifest | None) -> str:
    return str(manifest.details.get("source", "")) if manifest else ""


def _read_from(stores: Stores, dataset: str, standing: Standing) -> str:
    assert standing.newest is not None
    made, today = standing.newest.contract_version, stores.contracts[dataset].version
    under = "" if made == today else f", made under contract {made}"
    return f"snapshot {standing.newest.number}{under}"
