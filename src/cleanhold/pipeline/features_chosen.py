"""features_chosen: which columns of which tables a training set has, and under which names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cleanhold.core.training import FeatureTable
from cleanhold.errors import UsageError

#: Datasets; or dataset → columns, or column → its name in the set, or None for all.
Features = Sequence[str] | Mapping[str, Sequence[str] | Mapping[str, str] | None]


def chosen(features: Features) -> dict[str, Mapping[str, str] | None]:
    """Dataset → column → name in the set; None for all columns.

    Raises:
        UsageError: there are none, one is there twice, or it is one text.
    """
    if isinstance(features, str) or not features:
        raise UsageError(
            "features are a list of datasets", next="write features=['features.customers']"
        )
    if isinstance(features, Mapping):
        return {dataset: _columns(dataset, wanted) for dataset, wanted in features.items()}
    if len(set(features)) < len(features):
        raise UsageError("a feature table is named twice", next="name each once")
    return dict.fromkeys(features)


def _columns(
    dataset: str, wanted: Sequence[str] | Mapping[str, str] | None
) -> Mapping[str, str] | None:
    if isinstance(wanted, str):
        raise UsageError(
            f"the columns of {dataset} are a list", next=f"write {{{dataset!r}: [{wanted!r}]}}"
        )
    if wanted is None or isinstance(wanted, Mapping):
        return wanted
    return {name: name for name in wanted}


def require_names(entities: Sequence[str], tables: Sequence[FeatureTable]) -> None:
    """No two columns of the set would have one name.

    Args:
        entities: their columns.

    Raises:
        UsageError: two would.
    """
    homes = dict.fromkeys(entities, "the entities")
    for table in tables:
        for column, name in table.columns.items():
            if name in homes:
                raise UsageError(
                    f"{name!r} is a column of {homes[name]} and of {table.dataset}",
                    next="choose columns, or rename this one: "
                    f"features={{{table.dataset!r}: {{{column!r}: 'other_name'}}}}",
                )
            homes[name] = table.dataset
