"""expire, pin and unpin, and what other commands say of what has expired."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Command = Callable[..., Any]


@pytest.fixture
def week(small: Any) -> Any:
    small.contract()
    for day in range(1, 6):
        small.deliver(f"{day:02}", f"a,{day},", f"c{day},x,")
        small.run()
    small.write("pyproject.toml", "[tool.cleanhold.retention]\ngrace_hours = 0\nsnapshots = 1\n")
    return small


def test_a_preview_says_what_goes_and_why_the_rest_stays(week: Any, cleanhold: Command) -> None:
    said = cleanhold("expire", "--dry-run", "--workspace", week.root)
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0].split() == ["dataset", "snapshots", "expiring", "size", "frees", "held", "back"]
    assert lines[1].split()[:3] == ["shop.orders", "5", "3"]
    assert "shop.orders 1-3: goes" in lines
    assert "shop.orders 4: kept: a rollback would go to it" in lines
    assert lines[-1] == "nothing was changed; without --dry-run this is done"
    told = cleanhold("expire", "--dry-run", "--json", "--workspace", week.root).json
    (dataset,) = told["datasets"]
    assert (told["dry_run"], told["expired"], told["files_removed"]) == (True, [], 0)
    assert 0 < dataset["bytes_expiring"] < dataset["bytes"]
    assert [s["expires"] for s in dataset["snapshots"]] == [False, False, True, True, True]


def test_expiring_and_what_is_said_afterwards(week: Any, cleanhold: Command) -> None:
    at = ("--workspace", week.root)
    pinned = cleanhold("pin", "shop.orders", "1", "--reason", "model 7", *at)
    assert pinned.out == "snapshot 1 of shop.orders (1 rows) is kept until it is unpinned\n"
    said = cleanhold("expire", "--dataset", "shop.orders", *at)
    assert (said.code, said.out.splitlines()[-1]) == (0, "expired: shop.orders 2-3")
    assert cleanhold("expire", *at).out.splitlines()[-1] == "nothing was due"
    listed = cleanhold("snapshots", "shop.orders", *at).out
    assert "pinned: model 7" in listed
    assert listed.count("expired 20") == 2
    told = cleanhold("snapshots", "shop.orders", "--json", *at).json
    assert [s["expired_at"] is not None for s in told] == [False, True, True, False, False]
    assert told[0]["pinned"] == "model 7"
    assert cleanhold("runs", *at).out.count("(expired)") == 2
    refused = cleanhold("diff", "shop.orders", "2", "5", *at)
    assert refused.code == 2
    assert "snapshot 2 of shop.orders expired on" in refused.err
    assert "2 of these snapshots have expired" in cleanhold("verify", *at).out
    assert "2 of them have expired" in cleanhold("doctor", *at).out
    assert cleanhold("unpin", "shop.orders", "1", "--reason", "retired", *at).code == 0
    assert cleanhold("unpin", "shop.orders", "1", "--reason", "retired", *at).code == 2


def test_a_row_whose_snapshot_expired_is_explained(week: Any, cleanhold: Command) -> None:
    at = ("--workspace", week.root)
    row = week.read(snapshot=1, provenance=True)["row_id"][0]
    cleanhold("expire", *at)
    said = cleanhold("explain", row, *at)
    assert "4. published in snapshot 1 (expired) of shop.orders (not in the newest, 5)" in said.out
    told = cleanhold("explain", row, "--json", *at).json
    assert (told[0]["published_in"], told[0]["expired_in"]) == ([], [1])


def test_an_unknown_dataset_is_refused(week: Any, cleanhold: Command) -> None:
    said = cleanhold("expire", "--dataset", "shop.order", "--workspace", week.root)
    assert said.code == 2
    assert "use one of shop.orders" in said.err
