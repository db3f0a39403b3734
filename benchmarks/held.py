"""Makes a workspace whose quarantine holds many seeded rows, batch by batch, as runs do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from cleanhold.core.account import Account
from cleanhold.core.finding import HELD_SCHEMA
from cleanhold.core.run import Input, InputKind, run_key
from cleanhold.core.snapshot import Role
from cleanhold.pipeline.stores import Stores
from cleanhold.store.claims import Claim
from cleanhold.store.feeding import batch_of
from cleanhold.store.publication import open_staging, publish
from cleanhold.store.quarantine import Batch

DATASETS = ("bench.contacts", "bench.orders", "bench.payments")
SOURCES = ("crm", "shop")
BATCH = 200_000
#: Shares of a batch: rows whose content an earlier batch held, earlier rows that come clean.
AGAIN, HEALED = 0.02, 0.01

CONTRACTS = """
from datetime import date
import pandera.polars as pa
from cleanhold import contract, dates, decimal, field
"""
CONTRACT = """
@contract("{name}", version="1.0.0", key="id", load="upsert")
class {model}(pa.DataFrameModel):
    id: str = field(matches=r"B-[0-9]{{9}}")
    email: str = field(matches=r"[a-z0-9.]+@[a-z0-9.]+")
    country: str = field(isin=["GB", "DE", "FR", "NL"])
    amount: float = field(parse=decimal(), ge=0)
    opened: date = field(parse=dates("%Y-%m-%d"))
    note: str = field(nullable=True)
"""

COUNTRIES = ["GB", "DE", "FR", "NL"]
#: One in four is the first.
NO_COUNTRIES = ["England"] * 9 + [f"Nowhere {chr(65 + n)}" for n in range(26)]
NO_EMAILS = ["none", "a at b.org", "Ann@x", "@", "x@Y.org", "a;b@c.org"]
#: What holds rows: (check, column).
FAULTS = (
    ("isin", "country"),
    ("str_matches", "email"),
    ("greater_than_or_equal_to", "amount"),
    ("parse", "opened"),
)
RAW = ("id", "email", "country", "amount", "opened", "note")
PARSED = ("id", "email", "country", "note")


def workspace(folder: Path) -> Path:
    """A workspace with a contract for each dataset."""
    (folder / "contracts").mkdir(parents=True)
    (folder / "pyproject.toml").write_text('[tool.cleanhold]\nname = "bench"\n', encoding="utf-8")
    models = [CONTRACT.format(name=name, model=name[6:].title()) for name in DATASETS]
    (folder / "contracts" / "bench.py").write_text(CONTRACTS + "".join(models), encoding="utf-8")
    return folder


def batches(stores: Stores, rows: int, first: int = 0) -> Iterator[Batch]:
    """Runs that hold so many rows in all, each committed to the ledger before it is given."""
    for number in range(first, first + -(-rows // BATCH)):
        yield run(stores, number, min(BATCH, rows - (number - first) * BATCH))


def run(stores: Stores, number: int, rows: int) -> Batch:
    """One run, committed: what it held, and the clean rows that heal earlier ones."""
    dataset = DATASETS[number % len(DATASETS)]
    source = SOURCES[number // len(DATASETS) % len(SOURCES)]
    extract = Input(InputKind.EXTRACT, f"day-{number}", hashlib.sha256(b"%d" % number).hexdigest())
    key = run_key(dataset, (extract,), contract="1", code="bench")
    claim = stores.ledger.claim(key, dataset, inputs=(extract,), contract_version="1.0.0")
    assert isinstance(claim, Claim)
    folder = open_staging(stores.state, claim)
    staged = {Role.HELD: folder / "held.parquet", Role.DATA: folder / "data.parquet"}
    held(number, rows, key).write_parquet(staged[Role.HELD])
    clean = healed(number, rows, key)
    clean.write_parquet(staged[Role.DATA])
    publish(
        stores.state,
        stores.ledger,
        claim,
        staged,
        account=Account(rows + clean.height, clean.height, rows, 0),
        prefix=key[:16],
        contract_fingerprint="1",
        code="bench",
        published=True,
        details={"source": source, "load": "upsert", "key": ["id"]},
        created_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number),
    )
    return batch_of(stores.state, stores.ledger, key)


def held(number: int, rows: int, key: str) -> pl.DataFrame:
    """The held rows of a run (`HELD_SCHEMA`), one to three findings each."""
    again, before = int(rows * AGAIN), number - len(DATASETS) * len(SOURCES)
    content = _content(number, rows)
    if before >= 0:
        content = pl.concat([_content(before, rows).tail(again), content.head(rows - again)])
    record = pl.int_range(1, rows + 1, dtype=pl.UInt64)
    content = content.with_columns(record=record)
    why = pl.concat([_failed(content, *fault) for fault in FAULTS]).group_by("record").all()
    return (
        content.join(why, on="record", how="left", maintain_order="left")
        .select(
            "record",
            "findings",
            row_id=pl.format(key[:16] + "-{}", "record"),
            offset=pl.col("record") * 100,
            length=pl.lit(99),
            business_key="id",
            raw=pl.struct(RAW).struct.json_encode(),
            parsed=pl.struct(PARSED).struct.json_encode(),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in HELD_SCHEMA.items())
    )


def healed(number: int, rows: int, key: str) -> pl.DataFrame:
    """Clean rows with the keys of rows that an earlier run of the dataset held."""
    count = int(rows * HEALED) if number >= len(DATASETS) else 0
    keys = _ids(number - len(DATASETS)).slice(rows // 2, count)
    record = pl.int_range(rows + 1, rows + keys.len() + 1, dtype=pl.UInt64, eager=True)
    return pl.DataFrame({"record": record, "id": keys}).select(
        pl.format(key[:16] + "-{}", "record").alias("row_id"),
        "record",
        "id",
        email=pl.lit("ann@example.org"),
        country=pl.lit("GB"),
        amount=pl.lit(1.5),
        opened=pl.date(2024, 3, 1),
        note=pl.lit(None, dtype=pl.String),
    )


def _ids(number: int) -> pl.Series:
    numbers = pl.int_range(number * BATCH, (number + 1) * BATCH, eager=True)
    return "B-" + numbers.cast(pl.String).str.zfill(9)


def _content(number: int, rows: int) -> pl.DataFrame:
    """Seeded raw values: every row has a fault, three in ten a second, one in ten a third."""
    dice = np.random.default_rng([42, number])

    def pick(values: list[str]) -> pl.Series:
        return pl.Series(values).gather(dice.integers(0, len(values), rows))

    first = dice.choice(4, rows, p=[0.4, 0.25, 0.2, 0.15])
    second, third = dice.random(rows) < 0.3, dice.random(rows) < 0.1
    bad = [
        (first == n) | (second & ((first + 1) % 4 == n)) | (third & ((first + 2) % 4 == n))
        for n in range(4)
    ]
    cents, day = dice.integers(1, 10**6, rows), dice.integers(10, 29, rows)
    good = pl.DataFrame({"id": _ids(number).head(rows), "cents": cents, "day": day}).with_columns(
        country=pick(COUNTRIES),
        email=pl.format("{}@example.org", pl.col("id").str.slice(2)),
        amount=pl.format("{}.50", "cents"),
        opened=pl.format("2024-03-{}", "day"),
        note=pl.format("a note of {}", "cents"),
    )
    worse = good.select(
        country=pick(NO_COUNTRIES),
        email=pick(NO_EMAILS),
        amount=pl.format("-{}", "amount"),
        opened=pl.format("{}/31/2024", "day"),
    )
    return good.with_columns(
        pl.when(pl.Series(which)).then(worse[name]).otherwise(name).alias(name)
        for which, name in zip(bad, worse.columns, strict=True)
    ).with_columns(pl.Series(f"bad {name}", w) for w, name in zip(bad, worse.columns, strict=True))


def _failed(content: pl.DataFrame, check: str, column: str) -> pl.DataFrame:
    """`record, findings` of the rows that one check holds."""
    return content.filter(pl.col(f"bad {column}")).select(
        "record",
        findings=pl.struct(
            check=pl.lit(check),
            column=pl.lit(column),
            value=pl.col(column),
            message=pl.format("{} fails {}", pl.col(column), pl.lit(check)),
            severity=pl.lit("error"),
        ),
    )
