"""Resources of dlt, among them its REST source against a real HTTP server."""

from __future__ import annotations

import datetime as dt
import json
import os
import traceback
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import dlt as vendor
import polars as pl
import pytest
from dlt.sources.rest_api import rest_api_resources

from cleanhold import dlt, ndjson
from cleanhold.errors import DeliveryError, SourceError
from cleanhold.testing.reader_suite import account_for

from .landing import Place
from .rest_service import Service, running

TOKEN = "sesame-open-up"


def contact(number: int, day: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"name {number}",
        "score": 1.5,
        "tags": ["a", {"b": None}],
        "updated_at": f"2026-01-{day:02d}T00:00:00Z",
    }


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("CRM_TOKEN", TOKEN)
    found = Service(TOKEN, [contact(n, n) for n in range(1, 8)])
    with running(found) as up:
        monkeypatch.setenv("CRM_API", up.url)
        yield up


def contacts() -> Any:
    """As docs/dlt.md has it."""
    (found,) = rest_api_resources(
        {
            "client": {
                "base_url": os.environ["CRM_API"],
                "auth": {"type": "bearer", "token": os.environ["CRM_TOKEN"]},
                "paginator": {"type": "page_number", "base_page": 1, "total_path": None},
            },
            "resources": [
                {
                    "name": "contacts",
                    "primary_key": "id",
                    "endpoint": {
                        "path": "contacts",
                        "data_selector": "data",
                        "incremental": {
                            "cursor_path": "updated_at",
                            "start_param": "updated_since",
                            "initial_value": "2000-01-01T00:00:00Z",
                        },
                    },
                }
            ],
        }
    )
    return found


def ids(data: bytes | None) -> list[int] | None:
    return None if data is None else [json.loads(line)["id"] for line in data.splitlines()]


def test_rest_pages_limits_and_state(service: Service, tmp_path: Path) -> None:
    service.patience = 2
    crm = Place(dlt(contacts), tmp_path)
    assert ids(crm.land()) == [1, 2, 3, 4, 5, 6, 7]
    assert [status for _, status in service.asked] == [200, 200, 429, 200, 200]
    assert not crm.waiting(), "nothing is new"

    service.contacts += [contact(8, 8), contact(2, 9)]
    (delivery,) = crm.waiting()  # and the run is killed before it is landed
    assert ids(crm.land()) == [8, 2], "so it is asked for again"
    assert "updated_since=2026-01-07T00%3A00%3A00Z" in service.asked[-1][0]
    assert not crm.waiting()
    assert delivery.name == "contacts.ndjson"
    assert TOKEN not in json.dumps(crm.receipts)


def test_what_breaks_on_the_way_is_no_delivery(service: Service, tmp_path: Path) -> None:
    service.broken_from = 2
    crm = Place(dlt(contacts), tmp_path)
    with pytest.raises(DeliveryError, match="400 Client Error") as caught:
        crm.land()
    assert not crm.receipts
    assert "page=2" not in str(caught.value), "a URL's query may hold a secret"
    service.broken_from = 10**9
    assert ids(crm.land()) == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("token", ["wrong-token", TOKEN])
def test_no_secret_is_told(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("CRM_TOKEN", token)
    service.token = "another"

    def leaking() -> Any:
        list(contacts())
        raise AssertionError

    @vendor.resource(name="leaking")
    def loud() -> Iterator[Any]:
        raise RuntimeError(f"the token {token} is not liked, see http://user:{token}@host/?t=1")
        yield

    for given in (contacts, leaking, loud):
        with pytest.raises(DeliveryError) as caught:
            Place(dlt(given), tmp_path).land()
        assert token not in str(caught.value)
        assert token not in "".join(traceback.format_exception(caught.value))


def test_values_arrive_as_they_were(tmp_path: Path) -> None:
    row = {
        "decimal": Decimal("1.50"),
        "large": 123456789012345678901234567890,
        "float": 0.1,
        "nan": float("nan"),
        "inner": {"inf": [float("-inf")]},
        "at": dt.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC),
        "day": dt.date(2026, 1, 2),
        "bytes": b"\x00\xff",
        "uuid": UUID(int=1),
        "text": 'Zoë "😀"\n\x00',
        "half": "\ud800",
        "none": None,
        "flag": True,
    }

    @vendor.resource
    def rows() -> Iterator[Any]:
        yield [row, {"late": "a key that came late"}]
        yield pl.DataFrame({"id": [1, 2]}).to_arrow()
        yield "a scalar"

    data = Place(dlt(rows), tmp_path).land()
    assert data is not None
    file = tmp_path / "rows.ndjson"
    file.write_bytes(data)
    reading = account_for(ndjson(), file)
    assert reading.records == 5
    first = json.loads(data.splitlines()[0])
    assert first == row | {
        "decimal": "1.50",
        "nan": "nan",
        "inner": {"inf": ["-inf"]},
        "at": "2026-01-02T03:04:05.000006+00:00",
        "day": "2026-01-02",
        "bytes": "AP8=",
        "uuid": "00000000-0000-0000-0000-000000000001",
    }
    assert b"123456789012345678901234567890" in data
    assert json.loads(data.splitlines()[4]) == {"value": "a scalar"}


@pytest.mark.parametrize("page", [[], pl.DataFrame(schema={"id": pl.Int64}).to_arrow()])
def test_nothing_is_no_delivery(page: Any, tmp_path: Path) -> None:
    @vendor.resource
    def empty() -> Iterator[Any]:
        yield page

    assert not Place(dlt(empty), tmp_path).waiting()


def test_many_rows_come_in_pages(tmp_path: Path) -> None:
    @vendor.resource
    def many() -> Iterator[Any]:
        for start in range(0, 12_000, 1_000):
            yield [{"id": n} for n in range(start, start + 1_000)]

    crm = Place(dlt(many), tmp_path)
    assert ids(crm.land()) == list(range(12_000))
    assert crm.receipts[0]["dlt"]["rows"] == 12_000
    assert ids(crm.land()) == list(range(12_000)), "a resource without state gives all again"


def test_a_value_without_a_form_in_json_is_said(tmp_path: Path) -> None:
    crm = Place(dlt(lambda: vendor.resource([{"x": object()}], name="odd")), tmp_path)
    with pytest.raises(DeliveryError, match="object has no form in JSON"):
        crm.land()


@vendor.source(name="crm")
def crm_source() -> Any:
    return [
        vendor.resource([{"id": 1}], name="contacts"),
        vendor.resource([{"id": 2}], name="accounts"),
    ]


def test_one_resource_of_a_source(tmp_path: Path) -> None:
    assert ids(Place(dlt(crm_source, resource="accounts"), tmp_path).land()) == [2]
    assert ids(Place(dlt(crm_source().with_resources("contacts")), tmp_path).land()) == [1]
    for given in (dlt(crm_source), dlt(crm_source, resource="leads")):
        with pytest.raises(SourceError, match="'crm' has the resources contacts, accounts"):
            Place(given, tmp_path).land()
    with pytest.raises(SourceError, match="given list"):
        Place(dlt([{"id": 1}]), tmp_path).land()


def test_telemetry_stays_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNTIME__DLTHUB_TELEMETRY", raising=False)
    Place(dlt(lambda: vendor.resource([{"id": 1}], name="one")), tmp_path).land()
    assert os.environ["RUNTIME__DLTHUB_TELEMETRY"] == "false"
