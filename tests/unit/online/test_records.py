"""A guard takes JSON as the NDJSON reader does: the same texts, the same refusals."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandera.polars as pa
import polars as pl
import pytest

import cleanhold
from cleanhold import check_file, field, ndjson, text
from cleanhold.errors import ContractError, UsageError
from cleanhold.online.guard import Guard
from cleanhold.plan.model import read_model

AS_IS = field(nullable=True, parse=text(trim=False), nulls=()).metadata
CONTRACT = read_model(
    pa.DataFrameSchema({n: pa.Column(pl.String, nullable=True, metadata=AS_IS) for n in "ab"}), "x"
)
LINES = [
    '{"a": "x", "b": null}', '{"a": 1.50, "b": true}', '{"a": -0, "b": 1e400}', '{"b": "y"}',
    '  {"a" : "é\\u00e9" ,"b":false}  ', '{"a": {"k": [1, 2.50]}, "b": [ "x" , {}]}', "{}",
    '{"a": "\\ud83d\\ude00"}', '{"a": "\\ud83d"}', '{"a": "x", "a": "y"}', '{"a": NaN}',
    '{"a": 01}',
    '{"a": "x"', "[]", '"a"', "1", "null", '{"a": "x"} {}', '{"a": "tab\there"}', '{"a": [1,]}',
    '{"a": {"b": 1, "b": 2}}', '{"a": "\\n\\u0000"}', '{"a": [{"a": "}"}, "\\"]"], "b": "[1]"}',
    '{"a": []}', '{"a": {}, "b": 2}', '{"a": Infinity}', '{"a": [NaN]}', '{"a": "\x7f"}', "{,}",
]  # fmt: skip


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_a_line_is_the_record_of_the_reader(line: str, tmp_path: Path) -> None:
    path = tmp_path / "one.ndjson"
    path.write_text('{"a": null, "b": null}\n' + line + "\n", encoding="utf-8")
    assert check_file(path, CONTRACT, ndjson(), out=tmp_path / "out").account.records == 2
    clean = pl.read_parquet(tmp_path / "out" / "clean.parquet").filter(pl.col("record") == 2)
    refused = pl.read_parquet(tmp_path / "out" / "refused.parquet")
    guard = Guard(CONTRACT)
    for given in (line, line.encode()):
        _, verdict = guard.check_batch(['{"a": null, "b": null}', given])
        if refused.height:
            assert verdict.outcome == guard.check(given).outcome == "refused"
            assert str(verdict.refused).startswith(refused["code"][0] + ": ")
        else:
            assert verdict.values == clean.select("a", "b").to_dicts()[0]


def test_bytes_that_are_no_text_are_refused() -> None:
    verdict = Guard(CONTRACT).check(b'{"a": "\xff"}')
    assert str(verdict.refused).startswith("undecodable: ")
    assert not verdict.ok
    assert verdict.values == {}


def test_half_a_surrogate_pair_is_refused_from_a_dict_too() -> None:
    guard = Guard(CONTRACT)
    assert guard.check({"a": "\ud83d"}).outcome == "refused"
    assert guard.check({"a\ud83d": "x"}).outcome == "refused"
    assert [v.outcome for v in guard.check_batch([{"a": "x", "b": ""}, {"a": "\ud83d"}])] == [
        "clean",
        "refused",
    ]


@pytest.mark.parametrize(
    "record",
    [1, None, ["a"], {1: "a"}, {"a": object()}],
    ids=["number", "none", "list", "key", "object"],
)
def test_what_is_no_record_is_said_so(record: Any) -> None:
    with pytest.raises(UsageError):
        Guard(CONTRACT).check(record)


def test_values_of_a_type_are_converted_as_in_a_frame() -> None:
    class Typed(pa.DataFrameModel):
        whole: int = cleanhold.field(nullable=True)
        part: float = cleanhold.field(ge=0, nullable=True)

    guard = cleanhold.guard(Typed)
    assert guard.check({"whole": 5.0, "part": 1}).values == {"whole": 5, "part": 1.0}
    assert [f.check for f in guard.check({"whole": 5.5, "part": -1.0}).findings] == [
        "parse",
        "greater_than_or_equal_to",
    ]
    assert guard.check({"whole": None, "part": None}).ok
    assert [f.check for f in guard.check({"whole": 2**70, "part": 0.5}).findings] == ["parse"]
    assert guard.check(json.dumps({"whole": 5, "part": 0.5})).values == {"whole": 5, "part": 0.5}


def test_values_that_a_contract_cannot_take_are_said_so() -> None:
    with pytest.raises(
        ContractError, match=r"'a' arrives as Duration.*, which cannot become String"
    ):
        Guard(CONTRACT).check({"a": timedelta(1), "b": None})
