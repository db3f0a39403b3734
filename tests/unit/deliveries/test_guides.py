"""docs/sql.md and docs/dlt.md, followed word for word."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from .conftest import Server
from .rest_service import Service, running

DOCS = Path(__file__).parents[3] / "docs"

CONTRACT = """
import pandera.polars as pa
from datetime import datetime
from cleanhold import contract, datetimes, field


@contract("crm.contacts", version="1.0.0", owner="o@example.org", key="id", load="upsert")
class Contacts(pa.DataFrameModel):
    id: int = field()
    name: str = field()
    updated_at: datetime = field({})
"""


def example(page: str) -> str:
    """The first Python of a page."""
    found = re.search(r"```python\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)
    assert found
    return found.group(1)


def test_the_guide_to_databases(postgres: Server, small: Any, cleanhold: Any) -> None:
    postgres.execute(
        "create table contacts as select n as id, 'name ' || n as name, "
        "'2026-01-01'::timestamptz + n * interval '1 hour' as updated_at "
        "from generate_series(1, 10) n",
        "grant select on contacts to crm",
    )
    small.write("contracts/contacts.py", CONTRACT.format(""))
    small.write("flows/sources.py", example("sql.md"))
    assert cleanhold("doctor", "--workspace", small.root).code == 0
    assert cleanhold("run", "--workspace", small.root).code == 0
    assert small.read("crm.contacts").height == 10


def test_the_guide_to_dlt(
    small: Any, cleanhold: Any, monkeypatch: pytest.MonkeyPatch, conserved: Any
) -> None:
    rows = [
        {"id": n, "name": f"name {n}", "updated_at": f"2026-01-0{n}T00:00:00Z"} for n in range(1, 8)
    ]
    token = "only-for-this-test"
    small.write("contracts/contacts.py", CONTRACT.format('parse=datetimes("%Y-%m-%dT%H:%M:%SZ")'))
    small.write("flows/sources.py", example("dlt.md"))
    monkeypatch.setenv("CRM_TOKEN", token)
    with running(Service(token, rows, patience=1)) as service:
        monkeypatch.setenv("CRM_API", service.url)
        said = cleanhold("run", "--workspace", small.root)
        assert said.code == 0, said
        assert 429 in [status for _, status in service.asked]
        assert small.read("crm.contacts").height == 7

        service.contacts.append(rows[0] | {"name": "changed", "updated_at": "2026-01-09T00:00:00Z"})
        assert cleanhold("run", "--workspace", small.root).code == 0
        found = small.read("crm.contacts").filter(id=1)
        assert found["name"].to_list() == ["changed"]
        service.token = "another"
        failed = cleanhold("run", "--workspace", small.root)
    assert failed.code == 3
    assert "401" in failed.out
    assert conserved(small.root) == 2
    state = b"".join(p.read_bytes() for p in small.root.rglob("*") if p.is_file())
    assert token.encode() not in state
    assert token not in said.out + said.err + failed.out + failed.err
