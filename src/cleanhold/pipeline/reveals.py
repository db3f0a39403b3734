"""reveals: what the audit log keeps of personal values that were shown, and how that is told.

What was asked for is kept without values: a row by its id; a business key, which may be personal,
only as one of its dataset.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from cleanhold.core.contract import MASK
from cleanhold.core.extract import split_row_id
from cleanhold.core.feature import Feature
from cleanhold.pipeline.stores import Stores

#: The act of the audit log.
REVEALED = "revealed"

#: Entries that were written without `datasets` have what was typed after these.
_OF_A_ROW = re.compile(r"(explain|quarantine show) (.*)", re.DOTALL)


def asked_for(command: str, row: str, dataset: str | None = None) -> str:
    """What a command about one row was asked for, in words, without a value.

    Args:
        row: a row id, or a business key.
        dataset: that the key is of; of every one if None.
    """
    if split_row_id(row):
        return f"{command} {row.strip()}"
    return f"{command} a key of {dataset or 'every dataset'}"


def shown_with(
    stores: Stores,
    row: str,
    dataset: str | None = None,
    features: Mapping[str, Feature] = MappingProxyType({}),
) -> list[str]:
    """The datasets whose values a row shows; empty if nobody knows.

    Args:
        row: a row id, or a business key.
        dataset: that alone is asked.
        features: of the workspace, where the rows that it is made from, and those made of it,
            are shown as well.
    """
    own = _datasets_of(stores, row) if dataset is None else {dataset}
    above = {one.dataset: frozenset(one.inputs.values()) for one in features.values()}
    read = frozenset[str]().union(*above.values())
    below = {name: {made for made in above if name in above[made]} for name in read}
    return sorted(_followed(own, above) | _followed(own, below))


def _datasets_of(stores: Stores, row: str) -> set[str]:
    prefix, _ = split_row_id(row) or ("", 0)
    if not prefix:
        return set()
    extracts = stores.ledger.extracts_with(prefix)
    sources = [stores.sources.get(extract.source) for extract in extracts]
    runs = stores.ledger.runs_over({extract.sha256 for extract in extracts}, prefix)
    return {source.dataset for source in sources if source} | {run.dataset for run in runs}


def _followed(begin: Collection[str], ways: Mapping[str, Collection[str]]) -> set[str]:
    found, todo = set[str](), list(begin)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += ways.get(name, ())
    return found


def may_have_shown(body: Mapping[str, Any], dataset: str, known: Collection[str]) -> bool:
    """Whether values of a dataset were shown, or may have been, as nobody knows of which.

    Args:
        body: of a `revealed` entry.
        known: names of datasets; older entries have theirs among other words.
    """
    what = str(body.get("what", ""))
    named = body.get("datasets") or (
        [] if _OF_A_ROW.fullmatch(what) else [word for word in what.split() if word in known]
    )
    return not named or dataset in named


def without_keys(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """A `revealed` entry as it may be shown: older ones may have a business key."""
    found = _OF_A_ROW.fullmatch(str(body.get("what", "")))
    if "datasets" in body or found is None or split_row_id(found[2]):
        return body
    return {**body, "what": f"{found[1]} {MASK}"}
