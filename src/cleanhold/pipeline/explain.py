"""explain: the whole way of one row: where it came from, what became of it, what was made of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cleanhold.core.contract import MASK
from cleanhold.core.extract import Extract, split_row_id
from cleanhold.core.feature import Feature
from cleanhold.core.provenance import Rows
from cleanhold.core.snapshot import Snapshot
from cleanhold.core.story import Story
from cleanhold.errors import NeverPublished, UsageError
from cleanhold.pipeline.known import require_dataset
from cleanhold.pipeline.provenance.keyed import ids_of_key, parts_of
from cleanhold.pipeline.provenance.telling import Telling
from cleanhold.pipeline.quarantine import Review
from cleanhold.pipeline.stores import Stores

__all__ = ["Story", "explain"]


def explain(
    stores: Stores,
    what: str,
    review: Review,
    *,
    features: Mapping[str, Feature] = MappingProxyType({}),
    dataset: str | None = None,
    snapshot: int | None = None,
    column: str | None = None,
) -> list[Story]:
    """Tell the story of a row id, or of every row of a business key.

    Args:
        what: a row id; or a key, its parts joined with ` | `.
        review: how much of the personal values may be seen.
        features: that the workspace declares, inputs before the tables built from them.
        dataset: only of this one.
        snapshot: only rows that are in this one of the dataset.
        column: of a built table, the one whose value is asked for.

    Raises:
        UsageError: no extract, snapshot or held row has it.
        UnknownDataset: there is no such dataset.
        NeverPublished: it has no such snapshot.
        SnapshotExpired: the rows of the snapshot are gone.
    """
    if dataset is not None:
        require_dataset(stores, dataset)
    chosen = _chosen(stores, dataset, snapshot)
    telling = Telling(stores, review, features, column)
    if split_row_id(what) is not None:
        stories = _of_row(telling, what.strip(), dataset, chosen)
    else:
        stories = _of_key(telling, what, dataset, chosen)
    _require_column(stories, column)
    return stories


def _chosen(stores: Stores, dataset: str | None, number: int | None) -> Snapshot | None:
    if number is None:
        return None
    if dataset is None:
        raise UsageError(
            f"each dataset has a snapshot {number}", next="say which: --dataset crm.contacts"
        )
    found = stores.ledger.snapshot(dataset, number)
    if found is None:
        raise NeverPublished(
            f"{dataset} has no snapshot {number}",
            next=f"`cleanhold snapshots {dataset}` lists them",
        )
    return found


def _of_row(
    telling: Telling, row_id: str, dataset: str | None = None, chosen: Snapshot | None = None
) -> list[Story]:
    """One story for each dataset that the row's extract was delivered to."""
    stores, (prefix, _) = telling.stores, split_row_id(row_id) or ("", 0)
    extracts = stores.ledger.extracts_with(prefix)
    runs = stores.ledger.runs_over({extract.sha256 for extract in extracts}, prefix)
    stories: list[Story] = []
    origins: list[Extract | None] = [*extracts] or [None]
    for extract in origins:
        source = stores.sources.get(extract.source) if extract else None
        datasets = {source.dataset} if source else {run.dataset for run in runs}
        for name in sorted(datasets if dataset is None else datasets & {dataset}):
            own = [run for run in runs if run.dataset == name]
            story = telling.story(name, row_id, extract, own)
            if story is not None and (chosen is None or _is_in(story, chosen)):
                stories.append(story)
    if stories:
        return stories
    where = f"of snapshot {chosen.number} " if chosen else ""
    where += f"of {dataset} " if dataset else ""
    what = f"{where}has no such record" if extracts or runs else "is unknown"
    raise UsageError(
        f"there is no row {row_id}: the extract or run {prefix} {what}",
        where=str(stores.state.root),
        next="check the id; it may be of another workspace (--workspace DIR)",
    )


def _is_in(story: Story, snapshot: Snapshot) -> bool:
    numbers = {*story.published_in, *story.pilot_in, *story.expired_in, story.candidate}
    return snapshot.number in numbers


def _of_key(
    telling: Telling, key: str, dataset: str | None, chosen: Snapshot | None
) -> list[Story]:
    """A story for each row of the key; of a built table that has none, why."""
    stores, review = telling.stores, telling.review
    found = ids_of_key(stores, key, review, dataset, chosen)
    if not found and dataset is not None and (absent := _absent(telling, key, dataset, chosen)):
        return [absent]
    if not found and chosen is None:
        found = _earlier(telling, key, dataset)
    if not found:
        where = f" of snapshot {chosen.number}" if chosen else ""
        of = f" of {dataset}" if dataset else ""
        raise UsageError(
            f"{key!r} is not a row id, and no published or held row{where}{of} has it as its key",
            where=str(stores.state.root),
            next="take a row id from `cleanhold quarantine rows`, or from "
            "cleanhold.read(…, provenance=True)",
        )
    return [story for name, row_id in found for story in _of_row(telling, row_id, name)]


def _earlier(telling: Telling, key: str, dataset: str | None) -> list[tuple[str, str]]:
    """Rows of a key that older snapshots have."""
    contracts = telling.stores.contracts.values()
    return [
        (contract.dataset, version.row_id)
        for contract in contracts
        if contract.key and dataset in (None, contract.dataset)
        for version in telling.versions(contract, key)[:1]
    ]


def _absent(telling: Telling, key: str, dataset: str, chosen: Snapshot | None) -> Story | None:
    """What would have made a row of a built table that is not there, whatever column is asked for:
    any of its inputs may be why.
    """
    stores = telling.stores
    snapshot = chosen or stores.ledger.snapshot(dataset)
    contract = stores.contracts.get(dataset)
    parts = parts_of(contract.key, key) if contract and contract.key else None
    made_from = telling.sources(snapshot, parts, None) if snapshot and parts else None
    if snapshot is None or made_from is None or not any(_says(r) for r in made_from.inputs):
        return None
    ended = f"not in snapshot {snapshot.number}"
    current = telling.past(dataset).current
    shown = MASK if any(map(telling.review.personal(dataset).has, parts or ())) else key
    return Story("", dataset, 0, ended, key=shown, current=current, made_from=made_from)


def _says(rows: Rows) -> bool:
    return bool(rows.count or rows.absent)


def _require_column(stories: list[Story], column: str | None) -> None:
    """Raise `UsageError` if no row has the column that is asked for."""
    names = {name for s in stories for name in (*(s.values or ()), *_made(s))}
    if column is not None and column not in names:
        raise UsageError(
            f"no row of it has a column {column!r}",
            next="it has " + ", ".join(sorted(names)) if names else "leave out --column",
        )


def _made(story: Story) -> Mapping[str, object]:
    return story.made_from.columns if story.made_from else {}
