"""A workspace that has a file of every kind and rows in every table, to be damaged."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.core.correction import Correction
from cleanhold.core.decision import Act
from cleanhold.pipeline.decide import Intent, Selection, apply
from cleanhold.pipeline.recover import recover
from cleanhold.pipeline.replay import replay
from cleanhold.pipeline.rollback import rollback

DATASET = "shop.orders"
WARNS = "size: int = field(nullable=True, le=10, severity='warn')"
SOURCES = """
from cleanhold import Source, delimited

sources = [
    Source(name=name, arrives="in", pattern=name.split(".")[1] + "_*", reader=delimited(),
           dated=r"_([0-9]{4}-[0-9]{2}-[0-9]{2})")
    for name in ("shop.orders", "shop.parts")
]
"""


@pytest.fixture(scope="session")
def history(new_small: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that has a file of every kind, and rows in every table."""
    small = new_small(tmp_path_factory.mktemp("history") / "small")
    small.contract(more=WARNS).contract("shop.parts", load="append")
    small.write("flows/sources.py", SOURCES)
    header = "id,amount,note,size"
    small.deliver("02", "a,1,,1", "b,-1,n,2", "c,x,,3", "d,4,,99", "e,1", header=header)
    small.write(
        "in/orders_2026-11-03.csv.gz", gzip.compress(b"id,amount,note,size\nf,1,,1\ng,-7,,2\n")
    )
    small.write("in/orders_2026-11-04.csv.gz", gzip.compress(b"id,amount\nx,1\n" * 99)[:-20])
    small.write("in/orders_2026-11-03b.csv.gz", gzip.compress(b"id,amount,note,size\nh,1,,1\n"))
    small.deliver("02", "p,1,", "q,-2,", what="parts")
    small.run()
    small.deliver("01", "a,9,,1", "z,1,,1", header=header)  # late: `a` is superseded
    small.deliver("03", "r,1,", what="parts")
    small.run()
    small.deliver("05", "a,2,,1", header=header)
    small.run()
    small.deliver("06", "a,9,,1", "z,1,,1", header=header)  # the bytes of the 1st again
    small.run()
    return Path(small.root)


@pytest.fixture(scope="session")
def decided(history: Path) -> Path:
    """The same, after decisions, a replay and a rollback."""
    with Workspace.find(history).open() as stores:
        waiting = Selection(DATASET)
        rule = Correction({}, {"amount": {"-1": "1"}}, {})
        apply(stores, waiting, Intent(Act.CORRECT, correction=rule), "the sign was lost")
        list(replay(stores))
        apply(stores, Selection("shop.parts"), Intent(Act.COMMENT), "asked the shop")
        rollback(stores, "shop.parts", 1, "one too many")
        recover(stores)
    return history


@pytest.fixture
def root(decided: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(decided, tmp_path / "damaged", symlinks=True))
