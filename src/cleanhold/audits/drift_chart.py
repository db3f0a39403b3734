"""What a picture of drift needs: the distributions of the columns that changed most."""

from __future__ import annotations

from collections.abc import Sequence

from cleanhold.audits.drift_measures import Measured
from cleanhold.core.chart import Chart, distributions

#: Columns that are drawn.
_MOST_DRAWN = 12


def drift_chart(found: Sequence[Measured]) -> Chart:
    """The distributions of columns, before and now; `found` has the worst first."""
    shapes: dict[str, Chart] = {}
    for one in found:
        if one.shape is not None:
            shapes.setdefault(one.column.name, one.shape)
    return distributions(dict([*shapes.items()][:_MOST_DRAWN]))
