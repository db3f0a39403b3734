"""Texts that mean "no value" in what one source delivers: in a run, a guard, a check, a replay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cleanhold import Workspace, guard
from cleanhold.core.correction import Correction
from cleanhold.core.decision import Act
from cleanhold.core.source import Source
from cleanhold.errors import SourceError, UsageError
from cleanhold.pipeline.decide import Intent, Selection, apply, preview
from cleanhold.pipeline.replay import replay
from cleanhold.readers import delimited

ORDERS = "shop.orders"

SOURCES = """
from cleanhold import Source, delimited

sources = [
    Source(name="shop." + name, contract="shop.orders", arrives="in", pattern=name + "_*.csv",
           reader=delimited(), nulls=nulls)
    for name, nulls in {said!r}.items()
]
"""


def two_sources(small: Any, **said: tuple[str, ...] | None) -> Any:
    small.contract()
    small.write("flows/sources.py", SOURCES.format(said=said))
    return small


def amounts_held(small: Any) -> list[str]:
    with Workspace.find(small.root).open() as stores:
        from cleanhold.store.quarantine import Quarantine

        return sorted(Quarantine(stores.state).rows(ORDERS)["business_key"].to_list())


def test_each_source_has_its_own(small: Any) -> None:
    two_sources(small, old=("n/a",), new=None)
    small.deliver("02", "a,n/a,", "b,1,", what="old")
    small.deliver("02", "c,n/a,", "d,,", what="new")
    small.states()
    assert small.ids() == {"a": None, "b": 1, "d": None}
    assert amounts_held(small) == ["c"]


def test_what_the_contract_says_goes_before(small: Any) -> None:
    two_sources(small, old=("n/a",))
    contract = (small.root / "contracts/shop_orders.py").read_text()
    small.write("contracts/shop_orders.py", contract.replace('key="id"', 'key="id", nulls=("?",)'))
    small.deliver("02", "a,n/a,", "b,?,", what="old")
    small.states()
    assert small.ids() == {"b": None}


def test_a_source_goes_before_the_workspace(small: Any) -> None:
    small.write("pyproject.toml", '[tool.cleanhold]\nnulls = ["-"]\n')
    two_sources(small, old=("n/a",), new=None)
    small.deliver("02", "a,n/a,", "b,-,", what="old")
    small.deliver("02", "c,n/a,", "d,-,", what="new")
    small.states()
    assert small.ids() == {"a": None, "d": None}


def test_a_replay_judges_as_the_run_did(small: Any) -> None:
    two_sources(small, old=("n/a",), new=None)
    small.deliver("02", "a,-1,", "b,1,", what="old")
    small.deliver("02", "c,-1,", "d,1,", what="new")
    small.states()
    intent = Intent(Act.CORRECT, Correction({"amount": "n/a"}, {}, {}))
    with Workspace.find(small.root).open() as stores:
        seen = preview(stores, Selection(ORDERS), intent)
        assert (seen.rows, seen.released) == (2, 1)
        apply(stores, Selection(ORDERS), intent, "because", token=seen.token)
        (done,) = replay(stores, dry_run=True)
        assert (done.account.clean, done.account.held) == (1, 1)
        (done,) = replay(stores)
        assert (done.account.clean, done.account.held) == (1, 1)
    assert small.ids() == {"a": None, "b": 1, "d": 1}
    assert amounts_held(small) == ["c"]


def test_a_guard_judges_as_the_run_does(small: Any) -> None:
    two_sources(small, old=("n/a",))
    record = {"id": "a", "amount": "n/a", "note": ""}
    assert guard(ORDERS, workspace=small.root).check(record).ok
    two_sources(small, old=("n/a",), new=None)
    with pytest.raises(UsageError, match="differ in which texts"):
        guard(ORDERS, workspace=small.root)
    verdicts = [
        guard(ORDERS, source=name, workspace=small.root).check(record).ok
        for name in ("shop.old", "shop.new")
    ]
    assert verdicts == [True, False]
    with pytest.raises(UsageError, match=r"no source 'shop\.mid' feeds"):
        guard(ORDERS, source="shop.mid", workspace=small.root)


def test_a_check_of_a_source_s_file_judges_as_the_run_does(
    small: Any, cleanhold: Callable[..., Any]
) -> None:
    two_sources(small, old=("n/a",))
    file = small.deliver("02", "a,n/a,", what="old")
    contract = str(small.root / "contracts/shop_orders.py")
    source = str(small.root / "flows/sources.py") + ":shop.old"
    said = cleanhold("check", file, "-c", contract, "--source", source, "--json")
    assert (said.code, said.json["clean"]) == (0, 1)


@pytest.mark.parametrize("nulls", ["NULL", [1], [None]])
def test_what_is_no_list_of_texts_is_refused(nulls: Any) -> None:
    with pytest.raises(SourceError, match="must be a list of texts"):
        Source(name="a", arrives="in", reader=delimited(), nulls=nulls)
