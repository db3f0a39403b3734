"""configuration: what a workspace sets, as a run uses it: names and short texts, no secrets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields, is_dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from cleanhold.core.arrival import Arrivals
from cleanhold.core.contract import Contract
from cleanhold.core.run import canonical_json
from cleanhold.core.source import Source
from cleanhold.pipeline.stores import Stores, code_version

#: Digits of a fingerprint that are kept.
_DIGITS = 12


def configuration(stores: Stores) -> dict[str, str]:
    """What is set → how, for the audit log: versions and fingerprints, and settings in words."""
    found = {"code": code_version()}
    for dataset, contract in stores.contracts.items():
        found[f"contract {dataset}"] = _contract(contract)
    for name, source in stores.sources.items():
        found[f"source {name}"] = _source(source)
    for pact in stores.pacts:
        found[f"pact {pact.consumer} of {pact.dataset}"] = pact.fingerprint()[:_DIGITS]
    settings = {
        "gates": asdict(stores.gates),
        "limits": asdict(stores.limits),
        "prices": asdict(stores.prices),
        "retention": asdict(stores.retention),
        "signing": {"public_keys": stores.state.signers},
        "anchor": stores.anchoring.as_dict(),
    }
    return {**found, **dict(_flat(settings))}


def _contract(contract: Contract) -> str:
    owner = f", {contract.owner}" if contract.owner else ""
    return f"{contract.version} ({contract.fingerprint()[:_DIGITS]}){owner}"


def _source(source: Source) -> str:
    reader = source.reader.describe() if source.reader else {}
    named = (source.pattern, source.dated, source.members, source.compression, source.settled)
    decides: list[object] = [*named, source.done, source.nulls, source.dataset, reader]
    if isinstance(source.arrives, Arrivals):
        decides.append(_declared(source.arrives))
    digest = hashlib.sha256(canonical_json(json.loads(json.dumps(decides, default=str))))
    return f"{_place(source.arrives)} ({digest.hexdigest()[:_DIGITS]})"


def _place(arrives: object) -> str:
    """Where deliveries arrive, without user, password and options."""
    if isinstance(arrives, str):
        if "://" not in arrives:
            return arrives
        split = urlsplit(arrives)
        return f"{split.scheme}://{split.hostname or ''}{split.path}"
    if isinstance(arrives, list | tuple):
        return ", ".join(map(_place, arrives))
    return arrives.describe() if isinstance(arrives, Arrivals) else type(arrives).__name__


def _declared(value: object) -> object:
    """What a place was declared with: of parts that are no plain values, only what they are."""
    if is_dataclass(value):
        shown = (one.name for one in fields(value) if one.repr)
        return {name: _declared(getattr(value, name)) for name in shown}
    if isinstance(value, list | tuple):
        return [_declared(one) for one in value]
    plain = value is None or isinstance(value, str | int | float | timedelta)
    return value if plain else type(value).__name__


def _flat(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Nested settings by their dotted names; what is not set is left out."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        elif value not in (None, "", (), []):
            yield f"{above}{name}", json.dumps(value, default=str)
