"""The columnLineage facet (ColumnLineageDatasetFacet 1-2-0) of what a run made.

Imports the OpenLineage client; see `facets`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from openlineage.client.generated.column_lineage_dataset import (
    ColumnLineageDatasetFacet,
    Fields,
    InputField,
    Transformation,
)

from cleanhold.core.column_lineage import Column, ColumnLineage, Origin
from cleanhold.core.run import InputKind
from cleanhold.tracing.naming import Name, Naming
from cleanhold.tracing.trace import RunTrace


def column_lineage(
    lineage: ColumnLineage, trace: RunTrace, naming: Naming, by: str
) -> ColumnLineageDatasetFacet:
    """What each column comes from, and under `dataset` what decides the rows.

    A column that comes from no column of an input has no field. What could not be seen has every
    column that went in, as the lineage says, with the description `not seen`.

    Args:
        by: the producer.
    """
    delivered = any(one.kind is InputKind.EXTRACT for one in trace.inputs)
    called = naming.source if delivered else naming.dataset
    return ColumnLineageDatasetFacet(
        fields={
            name: Fields(inputFields=_fields(origins, called))
            for name, origins in lineage.columns.items()
            if origins
        },
        dataset=_fields(lineage.rows, called) or None,
        producer=by,
    )


def _fields(origins: Iterable[Origin], called: Callable[[str], Name]) -> list[InputField]:
    """One field per column of an input, with all the ways in which it acts."""
    ways: dict[Column, list[Transformation]] = {}
    for origin in origins:
        ways.setdefault(origin.column, []).append(_transformation(origin))
    return [
        InputField(*called(column.table), field=column.name, transformations=found)
        for column, found in ways.items()
    ]


def _transformation(origin: Origin) -> Transformation:
    return Transformation(
        type="DIRECT" if origin.way.is_direct else "INDIRECT",
        subtype=str(origin.way),
        description=origin.told or None,
        masking=origin.masks,
    )
