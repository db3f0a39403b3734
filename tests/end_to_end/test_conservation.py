"""Invariants 1 and 2: each record in exactly one place, as counts and as ids re-read from disk."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleanhold import check_file, delimited, load_contract
from cleanhold.errors import DeliveryError

Conserved = Callable[[Path], int]

# What breaks readers: quotes, delimiters, line ends, bytes that are no UTF-8, blanks, formulas.
CELLS = st.one_of(
    st.sampled_from(
        [b"", b"a1", b"b2", b"7", b"-3", b'"', b'""', b'"x,y"', b'"open', b"a\nb", b"\r", b"\0",
         b"\xff\xfe", b"\xe9", b"=1+1", b" 12 ", b"NULL", b",", b"c" * 300]
    ),
    st.binary(max_size=6),
    st.text(alphabet="ab1,\"\n é€", max_size=5).map(str.encode),
)  # fmt: skip
LINES = st.lists(st.lists(CELLS, min_size=1, max_size=4).map(b",".join), max_size=12)
ENDINGS = st.sampled_from([b"\n", b"\r\n", b"\r"])


def contract_of(small: Any) -> Any:
    small.contract()
    return load_contract(str(small.root / "contracts" / "shop_orders.py"))


def test_the_reference_workspace_conserves_every_record(
    reference: Path, conserved: Conserved
) -> None:
    assert conserved(reference) == 7


def test_ids_in_all_snapshots_of_an_extract_lead_back_to_it(reference: Path) -> None:
    seen: dict[str, set[str]] = {}
    for path in (reference / ".cleanhold" / "snapshots").glob("*/*.parquet"):
        for row_id in pl.read_parquet(path, columns=["row_id"])["row_id"]:
            seen.setdefault(row_id.partition("-")[0], set()).add(path.parent.name)
    assert all(len(datasets) == 1 for datasets in seen.values())


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=LINES, ending=ENDINGS)
def test_check_loses_no_record_of_any_bytes(
    small_in: Callable[[], Any], lines: list[bytes], ending: bytes
) -> None:
    small = small_in()
    contract = contract_of(small)
    file = small.write("extract.csv", ending.join([b"id,amount,note", *lines]))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        report = check_file(file, contract, delimited(), out=out)
        account = report.account
        parts = [pl.read_parquet(report.files[n]) for n in ("clean", "held", "refused")]
        assert [part.height for part in parts] == [account.clean, account.held, account.refused]
        records = [r for part in parts for r in part["record"].to_list()]
        assert sorted(records) == list(range(1, account.records + 1))
        ids = [i for part in parts for i in part["row_id"].to_list()]
        assert len(set(ids)) == len(ids)
        held = parts[1]
        assert all(findings for findings in held["findings"].to_list())


@pytest.mark.slow
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    days=st.permutations(["02", "03", "04"]),
    deliveries=st.lists(LINES, min_size=3, max_size=3),
    load=st.sampled_from(["upsert", "replace", "append"]),
)
def test_a_run_loses_no_record_whatever_arrives_in_whatever_order(
    small_in: Callable[[], Any],
    conserved: Conserved,
    days: list[str],
    deliveries: list[list[bytes]],
    load: str,
) -> None:
    small = small_in().contract(load=load)
    for day, lines in zip(days, deliveries, strict=True):
        content = b"\n".join([b"id,amount,note", *lines])
        small.write(f"in/orders_2026-11-{day}.csv", content)
        for outcome in small.run():
            # Append can bring the same key twice: the audit of keys stops that.
            assert outcome.error is None or isinstance(outcome.error, DeliveryError)
    assert conserved(small.root) >= 1
