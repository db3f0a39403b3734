from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleanhold.core.datasheet_standards import STANDARDS

Cleanhold = Callable[..., Any]


def section(sheet: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [one for one in sheet["sections"] if one["name"] == name]
    return {
        **found,
        "facts": dict(found["facts"]),
        "sheets": {one["caption"]: one["rows"] for one in found["sheets"]},
    }


@pytest.fixture
def sheet(small: Any, cleanhold: Cleanhold) -> Callable[..., dict[str, Any]]:
    def make(*options: Any) -> dict[str, Any]:
        said = cleanhold("datasheet", "shop.orders", "-w", small.root, "--json", *options)
        assert said.code == 0, said.out
        return dict(said.json)

    return make


@pytest.fixture
def ran(small: Any) -> Any:
    small.contract(segments="id", loss_bias="50%", responder="rota@example.org")
    small.deliver("01", "a,1,secret", "b,-2,concealed", "c,3")
    small.run()
    return small


def test_it_tells_what_is_known(ran: Any, sheet: Any) -> None:
    made = sheet()
    assert (made["dataset"], made["snapshot"], made["standing"]) == ("shop.orders", 1, "current")
    assert section(made, "owners")["facts"] == {
        "owner": "owner@example.org",
        "acts when it breaks": "rota@example.org",
    }
    (delivery,) = section(made, "origin")["sheets"]["Deliveries"]
    assert delivery[1] == "orders_2026-11-01.csv"
    assert section(made, "bias")["facts"]["held"] == "1 of 3 (33.3 %)"
    checks = {row[0]: row for row in section(made, "checks")["sheets"]["Checks"]}
    assert checks["amount.greater_than_or_equal_to"][3] == 1
    assert section(made, "privacy")["sheets"]["Personal columns"] == [["note", "direct"]]
    (entry,) = section(made, "evidence")["sheets"]["Entries about this snapshot"]
    assert entry[2] == "published"


def test_what_nobody_has_stated_is_said_and_how_to_state_it(ran: Any, sheet: Any) -> None:
    made = sheet()
    (goal,) = [one for one in section(made, "purpose")["missing"] if "change" in one]
    assert goal.endswith("say it by goal=('measure', 'threshold') in contracts/shop_orders.py")
    before = made["missing"]
    ran.contract(
        segments="id",
        responder="rota@example.org",
        description="orders of the shop",
        goal=("orders kept", "82 %"),
        purpose="to bill",
    )
    after = sheet()
    assert section(after, "purpose")["missing"] == []
    assert after["missing"] == before - 3


def test_no_value_of_a_row_is_in_it(ran: Any, cleanhold: Cleanhold, tmp_path: Path) -> None:
    for form in ("md", "html", "json"):
        said = cleanhold("datasheet", "shop.orders", "-w", ran.root, "--format", form)
        assert said.code == 0
        assert len(said.out) > 5000
        assert "secret" not in said.out
        assert "concealed" not in said.out


def test_an_upsert_lists_every_delivery_that_its_rows_may_come_from(ran: Any, sheet: Any) -> None:
    ran.deliver("02", "d,4,x")
    ran.run()
    files = [row[1] for row in section(sheet(), "origin")["sheets"]["Deliveries"]]
    assert sorted(files) == ["orders_2026-11-01.csv", "orders_2026-11-02.csv"]
    first = section(sheet("--snapshot", 1), "origin")["sheets"]["Deliveries"]
    assert [row[1] for row in first] == ["orders_2026-11-01.csv"]


def test_the_reference_feature_tells_of_its_inputs(
    reference: Path, cleanhold: Cleanhold, tmp_path: Path
) -> None:
    root = shutil.copytree(reference, tmp_path / "copy")
    said = cleanhold("datasheet", "features.customer_churn", "-w", root, "--json").json
    built = section(said, "origin")["sheets"]["Built from, or compared with"]
    assert [row[0] for row in built] == ["crm.contacts", "crm.opportunities", "legacy.policies"]
    assert "One row per contact" in section(said, "preparation")["facts"]["built by"]
    columns = {row[0]: row for row in section(said, "columns")["sheets"]["Columns"]}
    assert columns["age_years"][4].startswith("crm.contacts.birthdate")
    (pact,) = section(said, "consumers")["sheets"]["Pacts"]
    assert pact[0] == "churn-model"
    files = section(said, "origin")["sheets"]["Deliveries"]
    assert {row[0] for row in files} == {"crm.contacts", "crm.opportunities", "legacy.policies"}
    other = cleanhold("datasheet", "crm.opportunities", "-w", root, "--json").json
    files = section(other, "origin")["sheets"]["Deliveries"]  # not of what it only refers to
    assert {row[0] for row in files} == {"crm.opportunities"}
    page = tmp_path / "page.html"
    where = ("-w", root, "--format", "html", "--out", page)
    assert cleanhold("datasheet", "features.customer_churn", *where).code == 0
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert not re.findall(r'(?:src|href)="(?!#)', text)
    links = set(re.findall(r'href="#([\w-]+)"', text))
    assert links <= set(re.findall(r'id="([\w-]+)"', text))


def test_markup_of_others_is_not_obeyed(small: Any, cleanhold: Cleanhold) -> None:
    small.contract(description="<b>bold</b> | [click](http://example.org)")
    small.deliver("01", "a,1,x")
    small.run()
    text = cleanhold("datasheet", "shop.orders", "-w", small.root).out
    assert r"&lt;b>bold&lt;/b> \| \[click\](http://example.org)" in text
    page = cleanhold("datasheet", "shop.orders", "-w", small.root, "--format", "html").out
    assert "<b>bold" not in page


def test_a_file_of_others_is_not_overwritten(ran: Any, cleanhold: Cleanhold) -> None:
    file = ran.write("mine.html", "<p>mine</p>")
    where = ("-w", ran.root, "--format", "html", "--out", file, "--json")
    assert cleanhold("datasheet", "shop.orders", *where[:-1]).code == 2
    assert file.read_text() == "<p>mine</p>"


def test_each_standard_points_to_sections_that_there_are(ran: Any, sheet: Any) -> None:
    names = [one["name"] for one in sheet()["sections"]]
    assert len(names) == len(set(names))
    for standard in STANDARDS:
        cites = [point.cite for point in standard.points]
        assert len(cites) == len(set(cites))
        for point in standard.points:
            assert set(point.sections) <= set(names), point.cite
            assert point.sections or point.remark, point.cite
    told = {name for s in STANDARDS for p in s.points for name in p.sections}
    assert told == set(names)


def test_a_standard_says_what_is_cited_of_it(ran: Any, cleanhold: Cleanhold) -> None:
    text = cleanhold("datasheet", "shop.orders", "-w", ran.root).out
    assert "Article 10(5) (as adopted in 2024)" in text
    assert "those characteristics that cleanhold speaks to" in text


def test_json_to_a_file(ran: Any, cleanhold: Cleanhold, tmp_path: Path) -> None:
    file = tmp_path / "sheet.json"
    where = ("-w", ran.root, "--format", "json", "--out", file)
    assert cleanhold("datasheet", "shop.orders", *where).code == 0
    assert json.loads(file.read_text(encoding="utf-8"))["dataset"] == "shop.orders"


def test_it_counts_each_time_that_values_were_shown(
    small: Any, ran: Any, sheet: Any, cleanhold: Cleanhold
) -> None:
    small.contract("shop.other").deliver("01", "x,-1,y", what="other")
    small.contract("features.sums", load="replace").write(
        "flows/features.py",
        "import polars as pl\nfrom cleanhold import feature\n\n\n"
        '@feature("features.sums", orders="shop.orders")\n'
        "def sums(orders: pl.LazyFrame) -> pl.LazyFrame:\n    return orders\n",
    )
    small.run()

    def rows(dataset: str) -> list[str]:
        said = cleanhold("quarantine", "rows", "-d", dataset, "-w", small.root, "--json")
        return [row["row_id"] for row in said.json]

    def counted(*command: str) -> int:
        assert cleanhold(*command, "-w", small.root, "--reveal", "why").code == 0
        return int(section(sheet(), "privacy")["facts"]["times shown or exported"])

    (held,), (other,) = rows("shop.orders"), rows("shop.other")
    assert counted("quarantine", "show", held) == 1
    assert counted("explain", held) == 2
    assert counted("quarantine", "rows") == 3
    assert counted("explain", "a", "-d", "features.sums") == 4
    assert counted("quarantine", "show", other) == 4
    assert counted("explain", "x", "-d", "shop.other") == 4
    assert counted("quarantine", "rows", "-d", "shop.other", "-c", "unique") == 4


def test_without_its_contract_columns_are_those_of_the_files(ran: Any, sheet: Any) -> None:
    (ran.root / "contracts" / "shop_orders.py").unlink()
    ran.write("flows/sources.py", "sources = []\n")
    made = sheet()
    told = section(made, "columns")
    assert int(told["facts"]["columns"]) == len(told["sheets"]["Columns"]) > 0
    rows = {row[0]: row for row in told["sheets"]["Columns"]}
    assert rows["amount"][1] == "Int64"
    assert {row[3] for row in rows.values()} == {"not stated"}
    said = section(made, "privacy")
    assert said["facts"]["personal columns"] == (
        "not stated: which columns are personal; every value is masked"
    )
    assert any("which columns are personal" in one for one in said["missing"])
