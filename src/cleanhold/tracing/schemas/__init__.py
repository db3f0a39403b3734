"""JSON schemas of cleanhold's own OpenLineage facets, one immutable file per version."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

#: Where the facets' schemas are named from: `<base>:<version>:<facet>`, the `$id` in each file.
BASE = "urn:cleanhold:spec:facets"


def schema_url(facet: str, version: str) -> str:
    """What a facet carries as `_schemaURL`: the schema's id and a pointer into it."""
    return f"{BASE}:{version}:{facet}#/$defs/{facet}"


def own_facet_schemas() -> dict[str, dict[str, Any]]:
    """`$id` → JSON schema of every version of every facet of our own."""
    files = (f for f in resources.files(__name__).iterdir() if f.name.endswith(".json"))
    schemas = [json.loads(f.read_text(encoding="utf-8")) for f in files]
    return {s["$id"]: s for s in sorted(schemas, key=lambda s: str(s["$id"]))}
