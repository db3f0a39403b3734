"""A flow run is told as often as it is done, also under one identifier."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.pipeline.flow_run import flow_run, tell_start


def done(small: Any, identifier: str, *failures: str) -> None:
    with (
        Workspace.find(small.root).open() as stores,
        flow_run(stores, "flow.night", identifier=identifier) as (inside, failed),
    ):
        tell_start(inside)
        failed += failures


def told(small: Any) -> dict[str, set[str]]:
    found = defaultdict[str, set[str]](set)
    for file in (small.root / ".cleanhold" / "lineage").rglob("*.json"):
        event = json.loads(file.read_bytes())
        found[event["run"]["runId"]].add(event["eventType"])
    return dict(found)


@pytest.mark.parametrize("first", [["it failed"], []])
def test_done_again_it_is_told_again(small: Any, first: list[str]) -> None:
    small.contract()
    identifier = str(uuid.uuid4())
    done(small, identifier, *first)
    end = "FAIL" if first else "COMPLETE"
    assert told(small) == {identifier: {"START", end}}
    done(small, identifier, "it failed again")
    done(small, identifier)
    ends = sorted(min(kinds - {"START"}) for kinds in told(small).values())
    assert ends == sorted([end, "FAIL", "COMPLETE"])
