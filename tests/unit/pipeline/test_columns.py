"""Where columns come from: by the code of today, and as it was when a snapshot was made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cleanhold import Workspace, feature
from cleanhold.core.column_lineage import ColumnLineage, Origin
from cleanhold.core.contract import Column, Contract
from cleanhold.core.feature import Feature, feature_of
from cleanhold.pipeline.columns import of_feature, of_snapshot, of_source

col = pl.col

CHURN = "features.customer_churn"


def contract_of(dataset: str, **dtypes: Any) -> Contract:
    columns = tuple(Column(name, dtype, nullable=True) for name, dtype in dtypes.items())
    return Contract(dataset, columns, ())


CONTRACTS = {
    c.dataset: c
    for c in (
        contract_of("shop.orders", id=pl.Int64, buyer=pl.Int64, amount=pl.Float64),
        contract_of("shop.people", id=pl.Int64, name=pl.String),
        contract_of("features.sums", buyer=pl.Int64, total=pl.Float64),
    )
}


def declared(build: Callable[..., Any], **inputs: str) -> Feature:
    found = feature_of(feature("features.sums", **inputs)(build))
    assert found is not None
    return found


def told(origins: Iterable[Origin]) -> set[str]:
    return {f"{o.column} {o.way}" for o in origins}


def kept(root: Path, dataset: str, number: int | None = None) -> ColumnLineage:
    """What the manifest of a snapshot says."""
    with Workspace.find(root).open() as stores:
        snapshot = (
            stores.ledger.snapshot(dataset, number) if number else stores.ledger.head(dataset)
        )
        assert snapshot is not None
        found = of_snapshot(stores.manifest(snapshot))
    assert found is not None
    return found


# --- features -------------------------------------------------------------------------------


def test_the_reference_feature_table(reference: Path) -> None:
    catalogue = Workspace.find(reference).catalogue
    found = of_feature(catalogue.features[CHURN], catalogue.contracts)
    assert found.unseen == ()
    assert {name: told(origins) for name, origins in found.columns.items()} == {
        "contact_id": {"crm.contacts.contact_id TRANSFORMATION"},
        "country": {"crm.contacts.country TRANSFORMATION"},
        "tenure_days": {"crm.contacts.created_date TRANSFORMATION"},
        "days_since_last_contact": {"crm.contacts.last_activity_date TRANSFORMATION"},
        "age_years": {"crm.contacts.birthdate TRANSFORMATION"},
        "opted_out": {"crm.contacts.opted_out IDENTITY"},
        "account_balance": {"crm.contacts.account_balance TRANSFORMATION"},
        "open_opportunities": {"crm.opportunities.stage AGGREGATION"},
        "won_opportunities": {"crm.opportunities.stage AGGREGATION"},
        "lost_opportunities": {"crm.opportunities.stage AGGREGATION"},
        "won_amount": {"crm.opportunities.amount AGGREGATION", "crm.opportunities.stage CONDITION"},
        "active_policies": {"legacy.policies.status AGGREGATION"},
        "lapsed_policies": {"legacy.policies.status AGGREGATION"},
        "yearly_premium": {
            "legacy.policies.premium AGGREGATION",
            "legacy.policies.status CONDITION",
        },
        "days_since_last_payment": {"legacy.policies.last_paid AGGREGATION"},
    }
    assert told(found.rows) == {
        "crm.contacts.contact_id JOIN",
        "crm.opportunities.contact_id JOIN",
        "crm.opportunities.contact_id GROUP_BY",
        "crm.contacts.legacy_holder_no JOIN",
        "legacy.policies.holder_id JOIN",
        "legacy.policies.holder_id GROUP_BY",
    }
    assert [tuple(map(str, pair)) for join in found.joined for pair in join] == [
        ("crm.contacts.contact_id", "crm.opportunities.contact_id"),
        ("crm.contacts.legacy_holder_no", "legacy.policies.holder_id"),
    ]


def test_what_ran_is_kept_in_the_manifest(reference: Path) -> None:
    catalogue = Workspace.find(reference).catalogue
    assert kept(reference, CHURN) == of_feature(catalogue.features[CHURN], catalogue.contracts)


def test_the_contract_may_call_built_columns_otherwise() -> None:
    sums = CONTRACTS["features.sums"]
    buyer, total = sums.columns
    columns = (replace(buyer, name="customer", source=("buyer",)), replace(total, required=False))
    built = declared(lambda orders: orders.select("buyer"), orders="shop.orders")
    found = of_feature(built, {**CONTRACTS, "features.sums": replace(sums, columns=columns)})
    assert told(found.columns["customer"]) == {"shop.orders.buyer IDENTITY"}
    assert found.columns["total"] == ()


def looks_at_a_number(orders: pl.LazyFrame) -> pl.LazyFrame:
    most = orders.select(col("amount").max()).collect().item()
    return orders.select("buyer", total=col("amount") / pl.lit(most, pl.Float64))


def reads_it_all(orders: pl.LazyFrame) -> pl.LazyFrame:
    return orders.collect().lazy().select("buyer", total="amount")


def needs_rows(orders: pl.LazyFrame) -> pl.LazyFrame:
    first = orders.collect().row(0)
    return orders.select("buyer", total=pl.lit(first[2]))


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (looks_at_a_number, "the function looks at the rows of shop.orders"),
        (reads_it_all, "the function looks at the rows of shop.orders"),
        (needs_rows, "on tables without rows, the function raises OutOfBoundsError"),
        (lambda orders: orders.select("nothing"), "the function raises ColumnNotFoundError"),
        (lambda orders: orders.head(0).collect(), "the function gives DataFrame"),
    ],
)
def test_what_cannot_be_understood_without_rows_has_every_origin(
    build: Callable[..., Any], says: str
) -> None:
    found = of_feature(declared(build, orders="shop.orders"), CONTRACTS)
    (said,) = found.unseen
    assert says in said
    everything = {f"shop.orders.{name} TRANSFORMATION" for name in ("id", "buyer", "amount")}
    assert {name: told(o) for name, o in found.columns.items()} == {
        "buyer": everything,
        "total": everything,
    }
    assert told(found.rows) == {f"shop.orders.{name} FILTER" for name in ("id", "buyer", "amount")}


def test_a_plan_too_deep_to_follow_is_admitted() -> None:
    def build(orders: pl.LazyFrame) -> pl.LazyFrame:
        for _ in range(700):
            orders = orders.with_columns(col("amount") + 1)
        return orders.select("buyer", total="amount")

    found = of_feature(declared(build, orders="shop.orders"), CONTRACTS)
    assert found.unseen == ("the plan cannot be read: RecursionError",)
    assert "shop.orders.amount TRANSFORMATION" in told(found.columns["total"])


def test_asking_for_columns_is_not_looking_at_rows() -> None:
    def build(orders: pl.LazyFrame, people: pl.LazyFrame) -> pl.LazyFrame:
        assert "amount" in orders.collect_schema().names()
        rates = pl.LazyFrame({"buyer": [1], "rate": [2.0]})
        return orders.join(rates, on="buyer").select("buyer", total=col("amount") * col("rate"))

    inputs = {"orders": "shop.orders", "people": "shop.people"}
    found = of_feature(declared(build, **inputs), CONTRACTS)
    assert found.unseen == ("it has a table of its own, with buyer, rate",)
    assert told(found.columns["total"]) == {"shop.orders.amount TRANSFORMATION"}


def test_the_day_is_no_column() -> None:
    def build(orders: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
        return orders.select("buyer", total=pl.lit(as_of).dt.year().cast(pl.Float64))

    found = of_feature(declared(build, orders="shop.orders"), CONTRACTS)
    assert found.columns["total"] == ()


# --- sources --------------------------------------------------------------------------------


def test_a_delimited_source_and_one_of_fixed_width(reference: Path) -> None:
    catalogue = Workspace.find(reference).catalogue
    contracts, sources = catalogue.contracts, catalogue.sources
    contacts = of_source(sources["crm.contacts"], contracts["crm.contacts"])
    (email,) = contacts.columns["email"]
    assert (str(email.column), str(email.way)) == ("crm.contacts.E-mail", "TRANSFORMATION")
    (born,) = contacts.columns["birthdate"]
    assert born.told == "a date like 2026-12-31 or 31/12/2026"
    policies = of_source(sources["legacy.policies"], contracts["legacy.policies"])
    (status,) = policies.columns["status"]
    assert status.told == "characters 39–39, one of the codes A, L, C, P"


def test_what_was_delivered_is_kept(reference: Path) -> None:
    found = kept(reference, "legacy.policies", 1)
    assert told(found.columns["status"]) == {"legacy.policies.status TRANSFORMATION"}
    assert found.columns["status"][0].told.startswith("characters 39–39, ")
    assert (found.rows, found.joined, found.unseen) == ((), (), ())


def test_headers_nobody_wants_defaults_and_absent_columns(small: Any) -> None:
    size = 'size: int = field(source="Größe", default=3)'
    colour = "colour: str = field(nullable=True)"
    small.contract(more=f"{size}\n    {colour}", missing="null")
    small.deliver("02", "a,1,,7,x", header="id,amount,note,Größe,other")
    small.run()
    found = kept(small.root, "shop.orders")
    assert list(found.columns) == ["id", "amount", "note", "size", "colour"]
    (size,) = found.columns["size"]
    assert str(size.column) == "shop.orders.Größe"
    assert size.told.endswith(", a default where there is none")
    assert found.columns["colour"] == ()


@pytest.mark.parametrize(
    ("flatten", "header", "says"),
    [("'dots'", "place.town", "text"), ("{'town': '$.place.town'}", "town", "$.place.town, text")],
)
def test_paths_in_json(small: Any, flatten: str, header: str, says: str) -> None:
    small.contract(more=f'town: str = field(source="{header}", nullable=True)')
    sources = small.root / "flows" / "sources.py"
    text = sources.read_text().replace("delimited()", f"ndjson(flatten={flatten})")
    sources.write_text(text.replace("delimited", "ndjson").replace(".csv", ".jsonl"))
    row = '{"id": "a", "amount": 1, "note": null, "place": {"town": "x", "zip": "1"}}\n'
    small.write("in/orders_2026-11-02.jsonl", row)
    small.run()
    (town,) = kept(small.root, "shop.orders").columns["town"]
    assert (str(town.column), town.told) == (f"shop.orders.{header}", says)


def test_columns_that_a_pattern_has_become(small: Any) -> None:
    small.contract(more='months: int = field(alias="m_.*", regex=True, nullable=True)')
    small.deliver("02", "a,1,,7,8", header="id,amount,note,m_1,m_2")
    small.run()
    found = kept(small.root, "shop.orders")
    assert list(found.columns) == ["id", "amount", "note", "m_1", "m_2"]
    assert told(found.columns["m_2"]) == {"shop.orders.m_2 TRANSFORMATION"}


def test_columns_kept_as_json(small: Any) -> None:
    small.contract(unknown="keep")
    small.deliver("02", "a,1,,7,x", header="id,amount,note,size,other")
    small.run()
    found = kept(small.root, "shop.orders")
    assert told(found.columns["extra"]) == {
        "shop.orders.size TRANSFORMATION", "shop.orders.other TRANSFORMATION"
    }  # fmt: skip


def test_a_replay_goes_on_with_the_lineage_of_its_table(small: Any, cleanhold: Any) -> None:
    small.contract()
    small.deliver("02", "a,1,", "b,-2,x")
    small.run()
    before = kept(small.root, "shop.orders")
    reason = ("--set", "amount=2", "--reason", "typo", "--yes", "-w", small.root)
    assert cleanhold("quarantine", "correct", "-d", "shop.orders", *reason).code == 0
    assert cleanhold("replay", "-w", small.root).code == 0
    assert small.ids() == {"a": 1, "b": 2}
    assert kept(small.root, "shop.orders") == before


def test_snapshots_from_before_tell_their_headers(reference: Path) -> None:
    with Workspace.find(reference).open() as stores:
        snapshots = [stores.ledger.head(name) for name in ("crm.contacts", CHURN)]
        delivered, built = [stores.manifest(s) for s in snapshots if s]
    old = {name: value for name, value in delivered.details.items() if name != "lineage"}
    found = of_snapshot(replace(delivered, details=old))
    assert found is not None
    assert told(found.columns["email"]) == {"crm.contacts.E-mail TRANSFORMATION"}
    assert of_snapshot(replace(built, details={"source": ""})) is None


CHECKPOINT = """
from pathlib import Path
import polars as pl
from cleanhold import feature

STEP = Path(__file__).with_name("step.csv")
CALLS = Path(__file__).with_name("calls.txt")

@feature("features.orders", orders="shop.orders")
def build(orders: pl.LazyFrame) -> pl.LazyFrame:
    with CALLS.open("a") as calls:
        calls.write("called\\n")
    {step}
    {gives}
"""


def with_function(small: Any, step: str, gives: str) -> Any:
    small.contract(load="replace").contract("features.orders", load="replace")
    small.write("flows/features.py", CHECKPOINT.format(step=step, gives=gives))
    small.deliver("02", "a,1,", "b,2,", "c,9,")
    return small


def test_a_function_is_called_once_and_may_keep_what_it_finds(small: Any) -> None:
    reads = "return pl.scan_csv(STEP, schema=dict(id=pl.String, amount=pl.Int64, note=pl.String))"
    with_function(small, "orders.sink_csv(STEP)", reads)
    assert small.states() == ["published", "published"]
    assert small.ids("features.orders") == {"a": 1, "b": 2, "c": 9}
    assert (small.root / "flows" / "calls.txt").read_text().split() == ["called"]
    found = kept(small.root, "features.orders")
    assert "the function looks at the rows of shop.orders" in found.unseen[0]


def test_what_a_function_cannot_do_without_rows_is_never_asked_of_it(small: Any) -> None:
    """Polars panics where the quantile of no dates is asked for."""
    step = 'day = pl.col("amount").cast(pl.Date)\n'
    step += "    late = orders.select(day.quantile(0.8)).collect().item()"
    with_function(small, step, "return orders.with_columns(note=pl.lit(str(late)))")
    assert small.states() == ["published", "published"]


def test_tables_of_its_own_are_no_look_at_its_inputs(small: Any) -> None:
    step = 'names = pl.DataFrame({"id": ["a"], "note": ["x"]}).with_columns(pl.col("id"))'
    joined = 'return orders.drop("note").join(names.lazy(), on="id", how="left")'
    with_function(small, step, joined)
    assert small.states() == ["published", "published"]
    found = kept(small.root, "features.orders")
    assert told(found.columns["amount"]) == {"shop.orders.amount IDENTITY"}
    assert not any("looks" in said for said in found.unseen)
