from __future__ import annotations

from pathlib import Path

import pytest

from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers import framing, json_objects, ndjson

from .conftest import Read


def test_scalars_become_text_as_written(read: Read) -> None:
    line = b'{"a": 1.50, "b": -0e+10, "c": 12345678901234567890.10, "d": true, "e": null, "f": ""}'
    reading = read(line, ndjson())
    assert reading.cells == [("1.50", "-0e+10", "12345678901234567890.10", "true", None, "")]


def test_strings_lose_quotes_and_escapes(read: Read) -> None:
    data = rb'{"a":"x\n\"y\"\\","b":"\u00e9\ud83d\ude00","c":"\/{},:[]"}' + b"\n" + rb'{"a":"\\"}'
    assert read(data, ndjson()).cells == [
        ('x\n"y"\\', "é😀", "/{},:[]"),
        ("\\", None, None),
    ]


def test_the_word_null_in_quotes_is_text(read: Read) -> None:
    assert read(b'{"a":"null","b":"true"}', ndjson()).cells == [("null", "true")]


def test_nested_values_stay_json(read: Read) -> None:
    data = b'{"a":{"x":[1.0,  {"y":"}"}]},"b":[],"c":1}'
    assert read(data, ndjson()).cells == [('{"x":[1.0,  {"y":"}"}]}', "[]", "1")]


def test_columns_are_the_union_of_keys(read: Read) -> None:
    reading = read(b'{"b":1}\n{"a":2,"b":3}\n{}\n{"\\u0062":4, "__record": 5}\n', ndjson())
    assert list(reading.framing.columns) == ["b", "a", "__record_2"]
    assert reading.framing.notes
    assert reading.cells == [
        ("1", None, None),
        ("3", "2", None),
        (None, None, None),
        ("4", None, "5"),
    ]


def test_blanks_and_blank_lines(read: Read) -> None:
    reading = read(b'\n  { "a" :\t1 , "b" : [ 2 ] }  \r\n\n{"a":3}', ndjson())
    assert reading.cells == [("1", "[ 2 ]"), ("3", None)]
    assert reading.framing.overhead == 1


@pytest.mark.parametrize(
    "line",
    [
        "1",
        "[1]",
        '"a"',
        "null",
        "a",
        "{",
        "}",
        "{}{}",
        "{} 1",
        "x{}",
        "{x}",
        '{"a"}',
        '{"a":}',
        '{"a":1,}',
        '{,"a":1}',
        '{"a":1 "b":2}',
        '{"a":1,,"b":2}',
        '{"a"::1}',
        "{a:1}",
        "{1:1}",
        "{[]:1}",
        '{"a":01}',
        '{"a":1.}',
        '{"a":+1}',
        '{"a":NaN}',
        '{"a":True}',
        "{\"a\":'x'}",
        '{"a":"x}',
        '{"a":"x"y}',
        '{"a":"x""y"}',
        '{"a":"\\x"}',
        '{"a":"\\u12g4"}',
        '{"a":"\\ud800"}',
        '{"a":"tab\there"}',
        '{"a":[1,]}',
        '{"a":[1}',
        '{"a":[}]}',
        '{"a":{"b":}}',
        '{"a":[NaN]}',
        '{"a":[1] [2]}',
        '{"a":1}}',
        '{{"a":1}',
        '{"a":1]',
    ],
)
def test_a_line_that_is_no_object_is_refused_alone(read: Read, line: str) -> None:
    reading = read(f'{{"a":"1"}}\n{line}\n{{"a":[2]}}\n'.encode(), ndjson())
    assert reading.cells == [("1",), ("[2]",)]
    assert reading.codes == {2: "bad_json"}


def test_keys_of_refused_lines_make_no_columns(read: Read) -> None:
    reading = read(b'{"a":1}\n{"b":}\n{"c":1,"\\u0063":2}\n{"a":"\xff","d":1}\n', ndjson())
    assert list(reading.framing.columns) == ["a"]
    assert reading.codes == {2: "bad_json", 3: "duplicate_key", 4: "undecodable"}


def test_deep_nesting_is_refused_and_not_fatal(read: Read) -> None:
    deep = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert read(deep + b'\n{"a":1}', ndjson()).cells == [("1",)]


def test_one_list_is_not_ndjson(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b' \n[{"a":1}]'.lstrip())
    with pytest.raises(DeliveryError, match="one JSON list"):
        ndjson().open(path)


def test_too_many_keys_are_no_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_objects, "MAX_KEYS", 3)
    path = tmp_path / "x.ndjson"
    path.write_bytes(b'{"a":1,"b":2}\n{"c":1,"d":2}\n')
    with pytest.raises(DeliveryError, match="different keys"):
        ndjson().open(path)


NESTED = rb"""
{"id":1,"address":{"city":"K\u00f6ln","zip":{"n":1.50}},"tags":["a,]",{"x":[1]}],"o":{}}
{"id":2,"address":null,"tags":[]}
{"id":3,"address":{"city":null},"tags":[[1,2],5.0],"o":7}
{"id":4,"address":{"city":"a","city":"b"}}
{"id":5,"address":{"city":"\ud800"}}
{"id":6,"address":"flat"}
"""


def test_nested_objects_become_columns(read: Read) -> None:
    reading = read(NESTED, ndjson(flatten="dots"))
    named = [dict(zip(reading.framing.columns, row, strict=True)) for row in reading.cells]
    first = {"id": "1", "address": None, "address.city": "Köln", "address.zip.n": "1.50"}
    assert named[0] == {**first, "tags": '["a,]",{"x":[1]}]', "o": "{}"}
    assert [row["address"] for row in named] == [None, None, None, "flat"]
    assert reading.codes == {4: "duplicate_key", 5: "bad_json"}


def test_an_object_that_is_missing_now_and_then_is_no_column_of_its_own(read: Read) -> None:
    data = b'{"a":null,"n":null}\n{"a":{"b":1}}\n'
    reading = read(data, ndjson(flatten="dots"))
    assert sorted(reading.framing.columns) == ["a.b", "n"]


def test_declared_paths_become_columns(read: Read) -> None:
    paths = {"city": "$.address.city", "n": "$.address['zip'].n", "tag": "$.tags[0]"}
    reading = read(NESTED, ndjson(flatten={**paths, "x": "$.tags[1].x[0]", "none": "$.a.b"}))
    assert list(reading.framing.columns)[4:] == ["city", "n", "tag", "x", "none"]
    assert [row[4:] for row in reading.cells] == [
        ("Köln", "1.50", "a,]", "1", None),
        (None, None, None, None, None),
        (None, None, "[1,2]", None, None),
        (None, None, None, None, None),
    ]
    assert reading.cells[0][1] == '{"city":"K\\u00f6ln","zip":{"n":1.50}}'
    assert reading.codes == {4: "duplicate_key", 5: "bad_json"}


def test_flattened_names_that_are_there_already(read: Read) -> None:
    data = b'{"a.b":1,"a":{"b":2}}'
    reading = read(data, ndjson(flatten="dots"))
    assert list(reading.framing.columns) == ["a.b", "a.b_2"]
    assert reading.cells == [("1", "2")]
    assert reading.framing.notes


@pytest.mark.parametrize("flatten", ["dot", {"a": "b"}, {"a": "$"}, {"a": "$[0]"}, {"a": "$.a."}])
def test_what_cannot_be_flattened(flatten: str | dict[str, str]) -> None:
    with pytest.raises(UsageError):
        ndjson(flatten=flatten)


@pytest.mark.parametrize("block", [5, 40, 1 << 24])
def test_blocks_change_nothing_about_what_is_flattened(
    read: Read, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = read(NESTED, ndjson(flatten="dots")).rows
    monkeypatch.setattr(framing, "BLOCK", block)
    assert read(NESTED, ndjson(flatten="dots")).rows.equals(expected)


def test_a_nested_key_that_is_no_text_refuses_its_record(read: Read) -> None:
    reading = read(b'{"a":{"b":1}}\n{"a":{"\\ud800":1}}\n', ndjson(flatten="dots"))
    assert (reading.cells, reading.codes) == ([("1",)], {2: "bad_json"})
