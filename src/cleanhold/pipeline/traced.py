"""traced: what lineage tells of a run beside its counts, from its manifest, details and files."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

from cleanhold.core.contract import MASK, Contract
from cleanhold.core.pact import PactAnswer
from cleanhold.core.run import Run, RunState
from cleanhold.core.snapshot import Channel, Manifest
from cleanhold.pipeline.stores import Stores
from cleanhold.pipeline.waived import WAIVED
from cleanhold.store.snapshots import data_paths
from cleanhold.tracing.told import (
    Told,
    TracedAudit,
    TracedCode,
    TracedConsumer,
    TracedMeasure,
    TracedQuery,
)

_log = logging.getLogger(__name__)

_Measures = Mapping[str, TracedMeasure]

#: Of a table with more files than this nothing is measured: their footers would all be read.
_MOST_FILES = 64


def told_of(stores: Stores, run: Run, manifest: Manifest | None, contract: Contract) -> Told:
    """Everything of it that is known.

    Args:
        run: as the ledger has it, or as an attempt at it was.
        manifest: of the snapshot that it made, if it made one.
    """
    code = run.details.get("code")
    made = TracedCode(**code) if code else None
    if manifest is None:
        return Told(code=made)
    details = manifest.details
    personal = _personal(contract, manifest.schema)
    place = stores.naming.places.get(details.get("source", ""))
    published = run.state is RunState.PUBLISHED
    return Told(
        audits=tuple(_audits(details)),
        segments=list(_segments(details, {c.name for c in contract.personal})),
        waived=[{**each, "rows": len(each["rows"])} for each in details.get(WAIVED, ())],
        measures=_measures(manifest, data_paths(stores.state, manifest), personal.keys()),
        personal=personal,
        channel=str(details.get("channel", Channel.PRODUCTION) if published else Channel.CANDIDATE),
        path=f"{stores.state.root.name}/{stores.state.snapshots.name}/{manifest.dataset}",
        consumers=tuple(_consumers(details)),
        code=made,
        query=TracedQuery(place.query, place.dialect) if place and place.query else None,
    )


def _audits(details: Mapping[str, Any]) -> Iterator[TracedAudit]:
    overruled = details.get("overruled", {}).get("stops", ())
    for told in details.get("audits", ()):
        yield TracedAudit(
            told["audit"],
            str(told["verdict"]),
            told["what"],
            told["measured"],
            told["expected"],
            told["audit"] in overruled,
        )


def _segments(details: Mapping[str, Any], personal: set[str]) -> Iterator[dict[str, Any]]:
    for told in details.get("audits", ()):
        if told["audit"] != "loss_bias" or not told["evidence"]:
            continue
        names = told["evidence"]["columns"]
        for row in told["evidence"]["rows"]:
            found = dict(zip(names, row, strict=True))
            masked = MASK if found["column"] in personal else found["segment"]
            yield {**{n: found[n] for n in ("column", "rows", "held")}, "segment": masked}


def _consumers(details: Mapping[str, Any]) -> Iterator[TracedConsumer]:
    for told in details.get("pacts", ()):
        answer = PactAnswer.from_dict(told)
        yield TracedConsumer(answer.consumer, answer.owner, answer.reasons)


def _personal(contract: Contract, schema: Mapping[str, str]) -> dict[str, str]:
    """How personal the columns of a table are; a column of the contract may be a pattern."""
    found: dict[str, str] = {}
    for column in contract.personal:
        named = [column.name] if not column.regex else []
        named += [n for n in schema if column.regex and re.fullmatch(column.name, n)]
        found |= {name: str(column.privacy) for name in named if name in schema}
    return found


def _measures(manifest: Manifest, files: Sequence[Path], personal: Set[str]) -> _Measures:
    """What the footers of the files say of each column; nothing where they do not tell.

    Nothing depends on it, so whatever a footer holds, the events are written.
    """
    if len(files) > _MOST_FILES:
        return {}
    try:
        parts = _statistics(files)
        return {
            name: measure
            for name, found in parts.items()
            if name in manifest.schema and (measure := _measure(found, name in personal))
        }
    except OSError:
        return {}
    except Exception as error:  # noqa: BLE001 - of a library, about a file of any age
        _log.warning("%s is not measured for lineage: %s", manifest.dataset, type(error).__name__)
        return {}


def _statistics(files: Sequence[Path]) -> dict[str, list[Any]]:
    """Columns → their statistics in each row group of the files, if each of these has them.

    What is within a list or a struct has a path of its own: it is not told of.
    """
    from pyarrow.parquet import read_metadata

    found: dict[str, list[Any]] = {}
    groups = 0
    for footer in map(read_metadata, files):
        groups += footer.num_row_groups
        columns = [footer.schema.column(number) for number in range(footer.num_columns)]
        for group in range(footer.num_row_groups):
            for number, column in enumerate(columns):
                if column.name == column.path:
                    part = footer.row_group(group).column(number).statistics
                    found.setdefault(column.name, []).append(part)
    return {name: parts for name, parts in found.items() if len(parts) == groups}


def _measure(found: Sequence[Any], hidden: bool) -> TracedMeasure | None:
    if any(part is None or not part.has_null_count for part in found):
        return None
    nulls = sum(part.null_count for part in found)
    is_whole = all(part.has_min_max or not part.num_values for part in found)
    if hidden or not is_whole:
        return TracedMeasure(nulls)
    ends: list[Any] = []
    with suppress(OverflowError, ValueError):  # Parquet has dates that Python has not
        ends = [end for p in found if p.has_min_max for end in (p.min, p.max)]
    if not ends or not all(map(_is_number, ends)):
        return TracedMeasure(nulls)
    # Parquet writes a lowest zero as -0.0.
    return TracedMeasure(nulls, float(min(ends)) + 0.0, float(max(ends)) + 0.0)


def _is_number(value: object) -> bool:
    is_one = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return is_one and math.isfinite(float(value))  # type: ignore[arg-type]
