from __future__ import annotations

import json
from pathlib import Path

import pytest

from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers import framing, json_document, json_list, reader_for
from cleanhold.testing.reader_suite import account_for

from .conftest import Read

OBJECTS = [{"a": 1, "b": [1, {"c": "],["}]}, {"a": "x\ny", "d": None}, {}]


@pytest.mark.parametrize("indent", [None, 0, 2, "\t"])
@pytest.mark.parametrize("block", [7, 64, 1 << 22])
def test_what_python_writes(
    read: Read, indent: int | str | None, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(framing, "BLOCK", block)
    for path, document in (("$", OBJECTS), ("$.data['the items']", None)):
        whole = document or {"meta": {"items": [1]}, "data": {"the items": OBJECTS, "n": [2]}}
        text = json.dumps(whole, indent=indent)
        reading = read(text.encode(), json_document(path))
        assert reading.codes == {}
        assert list(reading.framing.columns) == ["a", "b", "d"]
        assert [(a, b and json.loads(b), d) for a, b, d in reading.cells] == [
            ("1", [1, {"c": "],["}], None),
            ("x\ny", None, None),
            (None, None, None),
        ]


def test_cells_are_as_written_and_nested_values_can_be_columns(read: Read) -> None:
    data = b'\xef\xbb\xbf[ {"n": 1.50, "o": {"x": 1e5}} ,\n{"n": 12345678901234567890.0} ]\n'
    reading = read(data, json_document(flatten="dots"))
    assert list(reading.framing.columns) == ["n", "o.x"]
    assert reading.cells == [("1.50", "1e5"), ("12345678901234567890.0", None)]
    assert reading.rows.select("__offset", "__length").rows() == [(5, 30), (35, 31)]


RECORDS = [f'{{"id": {n}, "l": [{{"x": {n}}}]}}' for n in range(6)]


@pytest.mark.parametrize(
    "broken",
    [
        '{"id": 2,}',
        '{"id": "2}',
        '{"id": 2',
        '{"id": 2}}',
        '{"id": [2}',
        '{"id": 2]}',
        '{"id": {"x": 2}',
        '"id": 2}',
        "{'id': '2'}",
        "2",
        "",
        '{"id": "\nx"}',
        '{"id": 2, "l": [\n    {"x": 1}\n',
        "\n".join(['{"id": [2'] * 3),
    ],
)
@pytest.mark.parametrize("block", [16, 1 << 22])
@pytest.mark.parametrize(("open_", "close"), [("[", "]"), ('{"a": 1, "r": [', '], "z": [{}]}')])
def test_a_broken_record_costs_no_other(
    read: Read,
    broken: str,
    block: int,
    open_: str,
    close: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(framing, "BLOCK", block)
    text = f"{open_}\n  " + ",\n  ".join([*RECORDS[:2], broken, *RECORDS[3:]]) + f"\n{close}\n"
    reading = read(text.encode(), json_document("$" if open_ == "[" else "$.r"))
    assert [row[0] for row in reading.cells] == ["0", "1", "3", "4", "5"]
    assert set(reading.codes.values()) == {"bad_json"}
    kept = b"".join(reading.refused["bytes"].to_list()).decode()
    assert broken in kept


def test_a_broken_quote_in_a_document_of_one_line_costs_the_rest(read: Read) -> None:
    data = ("[" + ",".join([*RECORDS[:2], '{"id": "2}', *RECORDS[3:]]) + "]").encode()
    reading = read(data, json_document())
    assert [row[0] for row in reading.cells] == ["0", "1"]
    assert b"".join(reading.refused["bytes"].to_list()) in data


def test_objects_in_a_record_are_no_records(read: Read) -> None:
    """Even where their lines begin as a record's: the record is JSON, so nothing is cut."""
    data = b'[\n{"a":\n{"b": [\n{"c": 1},\n{"c": 2}]}},\n{"a": 2}]'
    assert read(data, json_document()).cells == [('{"b": [\n{"c": 1},\n{"c": 2}]}',), ("2",)]


def test_bad_bytes_and_keys(read: Read) -> None:
    reading = read(b'[{"a":1},\n{"a":"\xff"},\n{"a":1,"a":2},{"a":"\\ud800"}]', json_document())
    assert reading.codes == {2: "undecodable", 3: "duplicate_key", 4: "bad_json"}


@pytest.mark.parametrize(
    ("rest", "refused"),
    [(b"] x", b"] x"), (b'], "b": }', b'], "b": }'), (b', {"a": ', b' {"a": ')],
)
def test_what_follows_the_list_is_refused_if_it_ends_no_document(
    read: Read, rest: bytes, refused: bytes
) -> None:
    reading = read(b'[{"a": 1}' + rest, json_document())
    assert reading.cells == [("1",)]
    assert reading.refused["bytes"].to_list() == [refused]


@pytest.mark.parametrize(
    ("data", "path", "says"),
    [
        (b"", "$", "empty"),
        (b"{}", "$", "no list at"),
        (b"x", "$", "no list at"),
        (b'{"a": {}}', "$.a", "no list at"),
        (b'{"a": [1]}', "$.b", "no list at"),
        (b'{"a": [', "$.b", "no list at"),
        (b'[{"a": 1}', "$", "cut off after its record 1"),
        (b'[{"a": 1},', "$", "cut off after its record 1"),
        (b"[", "$", "cut off"),
        (b"[" * 100_000, "$.a", "no list at"),
    ],
)
def test_what_is_no_list(tmp_path: Path, data: bytes, path: str, says: str) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(data)
    with pytest.raises(DeliveryError, match=says):
        account_for(json_document(path), file)


def test_a_record_that_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_list, "MAX_RECORD", 50)
    monkeypatch.setattr(framing, "BLOCK", 20)
    file = tmp_path / "x.json"
    file.write_bytes(b'[{"a": [' + b'{"x":1},' * 30 + b"1]}]")
    with pytest.raises(DeliveryError, match="longer than"):
        account_for(json_document(), file)


def test_an_empty_list(read: Read) -> None:
    reading = read(b'{"r": [ ]}', json_document("$.r"))
    assert (reading.records, reading.framing.overhead) == (0, 10)


@pytest.mark.parametrize("path", ["", "a", "$.", "$..a", "$[0]", "$.a[0].b", "$.a b"])
def test_paths_that_are_none(path: str) -> None:
    with pytest.raises(UsageError):
        json_document(path)


def test_options_as_text() -> None:
    made = reader_for("json", records="$.data", flatten="city:$.address.city,tag:$.tags[0]")
    assert made == json_document("$.data", {"city": "$.address.city", "tag": "$.tags[0]"})
    assert reader_for("ndjson", flatten="dots").describe()["flatten"] == "dots"
