"""Training sets as model code asks for them: what is seen, what is refused, and the same again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cleanhold
from cleanhold import Workspace
from cleanhold.core.readership import Change
from cleanhold.core.training import TrainingManifest
from cleanhold.errors import (
    ContractError,
    DamagedFile,
    NeverPublished,
    SnapshotExpired,
    StateError,
    UnknownDataset,
    UsageError,
)
from cleanhold.pipeline.expire import expire
from cleanhold.pipeline.rollback import rollback
from cleanhold.store.ledger import Ledger

PRICES = """
import datetime
import pandera.polars as pa
from cleanhold import contract, field


@contract("shop.prices", version="1.0.0", key=("item", "on"), load="upsert", event_time="on")
class Prices(pa.DataFrameModel):
    item: str = field()
    on: datetime.date = field()
    price: int = field()


@contract("shop.stock", version="1.0.0", key="item", load="upsert")
class Stock(pa.DataFrameModel):
    item: str = field()
    price: int = field()
    left: int = field(nullable=True)
"""
SOURCES = """
from cleanhold import Source, delimited

sources = [
    Source(name=f"shop.{what}", arrives="in", pattern=what + "_*.csv", reader=delimited(),
           dated=r"_([0-9]{4}-[0-9]{2}-[0-9]{2})")
    for what in ("prices", "stock")
]
"""
PRICE, STOCK = "shop.prices", "shop.stock"


def noon(day: int) -> datetime:
    return datetime(2026, 11, day, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def published(new_small: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prices and stock, published on 2, 4 and 6 November; the first price is corrected on 6."""
    small = new_small(tmp_path_factory.mktemp("shop") / "shop")
    small.write("contracts/shop.py", PRICES)
    small.write("flows/sources.py", SOURCES)
    for day, prices, stock in (
        (2, ("a,2026-11-01,10", "b,2026-11-01,20"), ("a,1,5",)),
        (4, ("a,2026-11-03,11",), ("a,1,4", "b,2,9")),
        (6, ("a,2026-11-01,99",), ("a,1,3",)),
    ):
        small.deliver(f"{day:02}", *prices, what="prices", header="item,on,price")
        small.deliver(f"{day:02}", *stock, what="stock", header="item,price,left")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Ledger, "_now", lambda self, connection, day=day: noon(day))
            assert small.states().count("published") == 2
    return Path(small.root)


@pytest.fixture
def shop(published: Path, new_small: Callable[[Path], Any], tmp_path: Path) -> Any:
    return new_small(Path(shutil.copytree(published, tmp_path / "shop")))


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the ledger's clock."""
    return lambda now: monkeypatch.setattr(Ledger, "_now", lambda self, connection: now)


def asked(*rows: tuple[str, datetime | date], **more: Any) -> pl.DataFrame:
    return pl.DataFrame({"item": [r[0] for r in rows], "when": [r[1] for r in rows], **more})


def made(shop: Any, entities: pl.DataFrame, features: Any = (PRICE,), **options: Any) -> Any:
    wanted = features if isinstance(features, dict) else list(features)
    return cleanhold.training_set(entities, wanted, as_of="when", workspace=shop.root, **options)


def prices(shop: Any, entities: pl.DataFrame, **options: Any) -> list[int | None]:
    return made(shop, entities, **options).frame.collect()["price"].to_list()


def test_an_entity_sees_what_was_published_and_had_happened(shop: Any) -> None:
    entities = asked(("a", noon(3)), ("a", noon(5)), ("a", noon(7)), ("b", noon(7)), ("c", noon(7)))
    assert prices(shop, entities) == [10, 11, 11, 20, None]
    # The correction of 6 November is known from then on, for whatever was before.
    early = asked(("a", noon(2)))
    assert prices(shop, early, known_at=noon(5)) == [10]
    assert prices(shop, early, known_at=noon(6)) == [99]
    assert prices(shop, early, known_at=datetime(2026, 11, 6, 11, 59)) == [10]
    assert prices(shop, early, known_at=date(2026, 11, 6)) == [99]
    each = asked(*[("a", noon(2))] * 3, known=[date(2026, 11, 5), date(2026, 11, 6), date.max])
    assert prices(shop, each, known_at="known") == [10, 99, 99]


def test_a_date_is_the_last_moment_of_its_day(shop: Any) -> None:
    now = {"known_at": noon(9)}
    assert prices(shop, asked(("a", date(2026, 11, 3))), **now) == [11]
    assert prices(shop, asked(("a", noon(3))), **now) == [99]  # 3 November is not over
    end = datetime(2026, 11, 3, 23, 59, 59, 999999)
    assert prices(shop, asked(("a", end)), **now) == [11]
    # One hour later there than in UTC.
    paris = asked(("a", end)).with_columns(pl.col("when").dt.replace_time_zone("Europe/Paris"))
    assert prices(shop, paris, **now) == [99]
    finer = asked(("a", end)).with_columns(pl.col("when").dt.cast_time_unit("ns"))
    assert prices(shop, finer, **now) == [11]


def test_a_table_without_event_times_is_seen_as_readers_had_it(shop: Any, on: Any) -> None:
    entities = asked(("a", noon(2)), ("a", noon(5)), ("a", noon(9)), ("b", noon(3)), ("b", noon(4)))

    def left(**options: Any) -> list[int | None]:
        found = made(shop, entities, {STOCK: ["left"]}, **options).frame.collect()
        return list(found["left"])

    assert left() == [5, 4, 3, None, 9]
    assert left(known_at=noon(9)) == left()  # what was published after an entity's time is not seen
    assert left(known_at=noon(2)) == [5, 5, 5, None, None]
    on(noon(8))
    with Workspace.find(shop.root).open() as stores:
        rollback(stores, STOCK, 1, "miscounted")
    assert left() == [5, 4, 5, None, 9]  # what a service had at the time
    assert left(known_at=noon(8)) == [5, 5, 5, None, None]  # by then it was withdrawn


def test_rows_come_back_as_they_were_given(shop: Any) -> None:
    entities = asked(
        ("b", noon(7)), ("a", noon(7)), ("a", noon(7)), (None, noon(7)), label=[1, 0, 0, 1]
    )
    found = made(shop, entities.lazy()).frame
    assert isinstance(found, pl.LazyFrame)
    assert found.collect().drop("price").equals(entities)
    assert found.collect()["price"].to_list() == [20, 11, 11, None]
    nobody = made(shop, entities.clear())
    assert nobody.frame.collect_schema() == {**entities.schema, "price": pl.Int64()}


def test_columns_are_chosen_and_renamed(shop: Any) -> None:
    entities = asked(("a", noon(7)))
    with pytest.raises(UsageError, match="'price' is a column of shop"):
        made(shop, entities, [PRICE, STOCK])
    with pytest.raises(UsageError, match="'price' is a column of the entities"):
        made(shop, entities.with_columns(price=1), [PRICE])
    found = made(shop, entities, {PRICE: None, STOCK: {"price": "paid", "left": "left"}})
    assert found.frame.collect().row(0)[2:] == (11, 1, 3)
    assert found.frame.collect_schema().names() == ["item", "when", "price", "paid", "left"]
    dated = made(shop, entities, {PRICE: ["on"]}).frame.collect()
    assert dated["on"].to_list() == [date(2026, 11, 3)]
    with pytest.raises(UsageError, match="no column 'cost'"):
        made(shop, entities, {PRICE: ["cost"]})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda e: e.drop("item"), "no column 'item', which is in the key of shop.prices"),
        (lambda e: e.drop("when"), "no column 'when'"),
        (
            lambda e: e.with_columns(item=1),
            "'item' of the entities is of type Int32, in shop.price",
        ),
        (lambda e: e.with_columns(when=pl.lit("x")), "'when' of the entities is of type String"),
        (lambda e: e.with_columns(when=pl.lit(None, pl.Date)), "1 of 1 entities have no time in"),
        (lambda e: e.to_dict(), "not dict"),
    ],
)
def test_entities_that_nobody_can_answer(shop: Any, change: Any, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        made(shop, change(asked(("a", noon(7)))))
    assert says in str(refused.value)


def test_what_cannot_be_asked(shop: Any) -> None:
    entities = asked(("a", noon(7)))
    with pytest.raises(UnknownDataset, match="did you mean 'shop"):
        made(shop, entities, ["shop.price"])
    for features in ("shop.prices", [], [PRICE, PRICE], {PRICE: "price"}):
        with pytest.raises(UsageError):
            cleanhold.training_set(entities, features, as_of="when", workspace=shop.root)
    with pytest.raises(UsageError, match="no entity can see anything of shop") as refused:
        made(shop, asked(("a", noon(1)), ("a", datetime(2020, 1, 1, tzinfo=UTC))))
    assert "known_at=datetime.now(UTC)" in str(refused.value)
    shop.write("contracts/shop.py", PRICES.replace('key="item", load="upsert"', 'load="replace"'))
    with pytest.raises(ContractError, match="names no key that entities could have"):
        made(shop, entities, [STOCK])


def test_keys_of_other_types_of_text_and_of_a_column_that_came_later(shop: Any, on: Any) -> None:
    entities = asked(("a", noon(5)), ("b", noon(9))).with_columns(
        pl.col("item").cast(pl.Categorical)
    )
    assert prices(shop, entities) == [11, 20]
    shop.write(
        "contracts/shop.py",
        PRICES.replace("    left:", "    shelf: str = field(nullable=True)\n    left:").replace(
            "1.0.0", "1.1.0"
        ),
    )
    on(noon(8))
    shop.deliver("08", "b,2,x,1", what="stock", header="item,price,shelf,left")
    assert "published" in shop.states()
    shelves = made(shop, entities, {STOCK: ["shelf", "left"]}).frame.collect()
    assert shelves.select("shelf", "left").rows() == [(None, 4), ("x", 1)]
    before = made(shop, entities[:1], {STOCK: ["shelf"]})  # the column is in no snapshot it sees
    assert before.frame.collect().schema["shelf"] == pl.String
    again = cleanhold.rebuild(before.manifest, entities[:1], workspace=shop.root)
    assert again.frame.collect().equals(before.frame.collect())


def test_snapshots_of_a_contract_with_another_key(shop: Any) -> None:
    entities = asked(("a", noon(5)))
    text = PRICES.replace('key=("item", "on"), load="upsert", event_time="on"', 'key="item"')
    shop.write("contracts/shop.py", text.replace("1.0.0", "2.0.0"))
    with pytest.raises(
        UsageError, match=r"snapshot 2 of shop\.prices has several rows of one item"
    ):
        made(shop, entities, {PRICE: ["price"]})
    text = PRICES.replace('key="item", load="upsert"', 'key=("item", "left"), event_time="at"')
    text = text.replace("    left: int = field(nullable=True)", "    left: int = field()")
    shop.write("contracts/shop.py", text + "    at: datetime.date = field()\n")
    with pytest.raises(UsageError, match=r"snapshot 2 of shop\.stock has no column 'at'"):
        made(shop, entities.with_columns(left=4), {STOCK: ["price"]})


def test_the_manifest_makes_the_set_again(shop: Any, on: Any, tmp_path: Path) -> None:
    entities = asked(("a", noon(3)), ("a", noon(7)), label=[0, 1])
    found = made(shop, entities, {PRICE: None, STOCK: ["left"]})
    file = tmp_path / "set.json"
    found.manifest.save(file)
    told = json.loads(file.read_bytes())
    assert [t["dataset"] for t in told["features"]] == [PRICE, STOCK]
    assert [s["number"] for s in told["features"][0]["snapshots"]] == [3, 1]
    assert [t["found"] for t in told["features"]] == [2, 2]
    on(noon(10))
    shop.deliver("10", "a,2026-11-01,1", "a,2026-11-03,1", what="prices", header="item,on,price")
    shop.run()
    with Workspace.find(shop.root).open() as stores:
        rollback(stores, STOCK, 1, "miscounted")
    again = cleanhold.rebuild(file, entities, workspace=shop.root)
    assert again.frame.collect().equals(found.frame.collect())
    assert again.manifest == TrainingManifest.load(file) == found.manifest
    # What was done after all times that are asked about changes not a letter of the answer.
    asked_again = made(shop, entities, {PRICE: None, STOCK: ["left"]})
    assert asked_again.manifest.sha256 == found.manifest.sha256


def test_a_manifest_of_something_else(shop: Any, tmp_path: Path) -> None:
    entities = asked(("a", noon(3)), ("a", noon(7)))
    manifest = made(shop, entities).manifest
    for other in (entities[::-1], entities.with_columns(label=1), entities[:1]):
        with pytest.raises(UsageError, match="not the entities"):
            cleanhold.rebuild(manifest, other, workspace=shop.root)
    told = manifest.as_dict()
    told["result"]["sha256"] = "0" * 64
    (tmp_path / "a.json").write_text(json.dumps(told))
    with pytest.raises(StateError, match="otherwise than it was"):
        cleanhold.rebuild(tmp_path / "a.json", entities, workspace=shop.root)
    told["features"][0]["snapshots"][0]["manifest"] = "0" * 64
    (tmp_path / "a.json").write_text(json.dumps(told))
    with pytest.raises(StateError, match="another one"):
        cleanhold.rebuild(tmp_path / "a.json", entities, workspace=shop.root)
    told["features"][0]["snapshots"][0]["number"] = 9
    (tmp_path / "a.json").write_text(json.dumps(told))
    with pytest.raises(NeverPublished):
        cleanhold.rebuild(tmp_path / "a.json", entities, workspace=shop.root)
    for text in ("", "[]", '{"format": 1}', '{"format": 2}'):
        (tmp_path / "a.json").write_text(text)
        with pytest.raises(UsageError, match="no manifest of a training set"):
            cleanhold.rebuild(tmp_path / "a.json", entities, workspace=shop.root)


def test_rows_that_expired_and_sets_that_are_kept(shop: Any, on: Any) -> None:
    entities = asked(("a", noon(3)))
    with pytest.raises(UsageError, match="keep is a reason"):
        made(shop, entities, keep=" ")
    kept = made(shop, entities, keep="churn model 7")
    assert made(shop, entities, keep="churn model 8").manifest == kept.manifest
    lost = made(shop, entities, [STOCK])
    shop.write("pyproject.toml", "[tool.cleanhold.retention]\nsnapshots = 1\ngrace_hours = 0\n")
    on(noon(9) + timedelta(days=99))
    with Workspace.find(shop.root).open() as stores:
        found = stores.ledger.snapshot(PRICE, 1)
        assert found
        assert found.pin
        assert found.pin.why == "churn model 7"
        expire(stores)
    again = cleanhold.rebuild(kept.manifest, entities, workspace=shop.root)
    assert again.frame.collect()["price"].to_list() == [10]
    for ask in (
        lambda: cleanhold.rebuild(lost.manifest, entities, workspace=shop.root),
        lambda: made(shop, entities, [STOCK]),
    ):
        with pytest.raises(SnapshotExpired, match="1 entities see snapshot 1 of shop"):
            ask()


def test_what_readers_were_given_is_what_the_audit_log_says_of_production(shop: Any) -> None:
    with Workspace.find(shop.root).open() as stores:
        given = stores.ledger.changes(PRICE)
        assert [(one.number, one.back) for one in given] == [(1, False), (2, False), (3, False)]
        said = {"dataset": PRICE, "to": 1, "at": noon(8).isoformat()}
        stores.ledger.record_act("rolled_back", {**said, "channel": "pilot"})
        assert stores.ledger.changes(PRICE) == given
        stores.ledger.record_act("promoted", {**said, "to": 7})
        assert stores.ledger.changes(PRICE)[3:] == [Change(noon(8), 7)]
        assert len(stores.ledger.changes(STOCK)) == 3


def test_damaged_bytes_are_not_trained_on(shop: Any) -> None:
    with Workspace.find(shop.root).open() as stores:
        (path,) = stores.data_files(stores.ledger.snapshots(PRICE)[-1])
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(DamagedFile):
        made(shop, asked(("a", noon(3))))
