from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from cleanhold.errors import ConfigurationError, DeliveryError
from cleanhold.readers import cells, delimited, framing, quoting

from .conftest import Read


def test_rows_refusals_and_spans(read: Read) -> None:
    data = b'id,name\n1,Ann\n2\n3,"x, ""y"""\n4,a,b\n'
    reading = read(data, delimited())
    assert list(reading.framing.columns) == ["id", "name"]
    assert reading.framing.overhead == len(b"id,name\n")
    assert reading.cells == [("1", "Ann"), ("3", 'x, "y"')]
    assert reading.rows["__record"].to_list() == [1, 3]
    assert reading.codes == {2: "too_few_fields", 4: "too_many_fields"}
    assert reading.refused["message"].to_list() == [
        "1 fields, 2 expected",
        "3 fields, 2 expected",
    ]
    assert reading.refused["bytes"].to_list() == [b"2\n", b"4,a,b\n"]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("closed", [True, False])
def test_every_line_ending(read: Read, ending: bytes, closed: bool) -> None:
    data = ending.join([b"a,b", b"1,2", b'"3",4', b'5,"6"']) + (ending if closed else b"")
    assert read(data, delimited()).cells == [("1", "2"), ("3", "4"), ("5", "6")]


def test_mixed_endings_and_line_ends_inside_quotes(read: Read) -> None:
    data = b'a,b\r\n1,"x\r\ny"\r2,"x\ry"\n3,"x\n\ny"\r\n4,z'
    assert read(data, delimited()).cells == [
        ("1", "x\r\ny"),
        ("2", "x\ry"),
        ("3", "x\n\ny"),
        ("4", "z"),
    ]


def test_empty_is_null_and_quoted_empty_is_empty(read: Read) -> None:
    assert read(b'a,b,c\n,"",x\n', delimited()).cells == [(None, "", "x")]


def test_blank_lines_belong_to_the_record_before(read: Read) -> None:
    reading = read(b"a,b\n\n1,2\n\r\n\n3,4\n5\n\n", delimited())
    assert reading.cells == [("1", "2"), ("3", "4")]
    assert reading.framing.overhead == len(b"a,b\n\n")
    assert reading.rows["__length"].to_list() == [len(b"1,2\n\r\n\n"), 4]
    assert reading.refused["bytes"].to_list() == [b"5\n\n"]


def test_blank_lines_are_records_where_there_is_one_column(read: Read) -> None:
    assert read(b"a\n\n1\n\r\n2", delimited()).cells == [(None,), ("1",), (None,), ("2",)]


@pytest.mark.parametrize(
    ("body", "rows", "codes"),
    [
        (b'1,"abc\n2,x\n3,y\n', ["2", "3"], {1: "open_quote"}),
        (b'1,a"b\n2,x\n', ["2"], {1: "stray_quote"}),
        (b'1,"a"b\n2,x\n', ["2"], {1: "stray_quote"}),
        (b'1,"x\n2,"y"\n3,z\n', ["2", "3"], {1: "open_quote"}),
        # The quote of record 1 finds a partner, but not in a record of two fields.
        (b'1,"x\n2,y\n3,",z\n4,w\n', ["2", "4"], {1: "open_quote", 3: "open_quote"}),
        (b'1,x\n2,"', ["1"], {2: "open_quote"}),
    ],
)
def test_a_quote_gone_wrong_costs_its_own_line(
    read: Read, body: bytes, rows: list[str], codes: dict[int, str]
) -> None:
    reading = read(b"a,b\n" + body, delimited())
    assert [row[0] for row in reading.cells] == rows
    assert reading.codes == codes


def test_nul_and_undecodable_records(read: Read) -> None:
    reading = read(b"a,b\n1,\0\n2,\xff\n3,\xc3\xa9\n4,\xe9,\0\n5,x\n", delimited())
    assert reading.cells == [("3", "é"), ("5", "x")]
    assert reading.codes == {1: "nul_byte", 2: "undecodable", 4: "nul_byte"}


def test_byte_order_mark_is_overhead_once(read: Read) -> None:
    reading = read(b"\xef\xbb\xbfa,b\n\xef\xbb\xbf1,2\n", delimited())
    assert list(reading.framing.columns) == ["a", "b"]
    assert reading.framing.overhead == 3 + 4
    assert reading.cells == [("\ufeff1", "2")]


def test_ctrl_z_at_the_end_is_overhead(read: Read) -> None:
    reading = read(b"a,b\n1,2\n\x1a", delimited())
    assert (reading.cells, reading.framing.overhead) == ([("1", "2")], 5)
    assert read(b"a,b\n1,\x1a\n", delimited()).cells == [("1", "\x1a")]


def test_header_only(read: Read) -> None:
    for data in (b"a,b", b"a,b\n", b"a,b\r\n\r\n", b"\n\na,b\n"):
        reading = read(data, delimited())
        assert list(reading.framing.columns) == ["a", "b"]
        assert (reading.records, reading.framing.overhead) == (0, len(data))


def test_names_are_stripped_completed_and_made_unique(read: Read) -> None:
    reading = read(b' id ,"na\nme",,id,id,__record\n1,2,3,4,5,6\n', delimited())
    assert list(reading.framing.columns) == [
        "id",
        "na\nme",
        "column_3",
        "id_2",
        "id_3",
        "__record_2",
    ]
    assert len(reading.framing.notes) == 4
    assert reading.cells == [("1", "2", "3", "4", "5", "6")]


def test_names_given_for_a_file_without_header(read: Read) -> None:
    reading = read(b"\n1,2\n3,4\n", delimited(header=["x", "y"]))
    assert reading.cells == [("1", "2"), ("3", "4")]
    assert (list(reading.framing.columns), reading.framing.overhead) == (["x", "y"], 1)


def test_skipped_lines(read: Read) -> None:
    reading = read(b'report of "today\r\n\r\na,b\r\n1,2\r\n', delimited(skip_lines=2))
    assert reading.cells == [("1", "2")]


@pytest.mark.parametrize("mark", ["|", "\t", " ", "\x01", ";", "x"])
def test_any_delimiter(read: Read, mark: str) -> None:
    data = f"a{mark}b\n1{mark}'2{mark}''3'\n".encode()
    assert read(data, delimited(delimiter=mark, quote="'")).cells == [("1", f"2{mark}'3")]


def test_no_quoting(read: Read) -> None:
    reading = read(b'a,b\n"1,2"\n3,"4\n', delimited(quote=None))
    assert reading.cells == [('"1', '2"'), ("3", '"4')]


def test_code_pages_keep_offsets_of_the_original_bytes(read: Read) -> None:
    text = "name,ort\nJosé,Köln\nBjörn,Århus\n"
    reading = read(text.encode("cp1252") + b"x,\x81\ny,\x80\n", delimited(encoding="cp1252"))
    assert reading.cells == [("José", "Köln"), ("Björn", "Århus"), ("y", "€")]
    assert reading.codes == {3: "undecodable"}
    assert reading.refused["message"].to_list() == ["the bytes are not valid cp1252"]
    assert reading.framing.encoding == "cp1252"


def test_a_utf8_mark_under_another_encoding_is_noted(read: Read) -> None:
    assert read(b"\xef\xbb\xbfa\n1\n", delimited(encoding="latin-1")).framing.notes


@pytest.mark.parametrize("start", [b"x\x01", b"x^b", b"x\x9c", b"(\xb5/\xfd", b"\x1f\x8b", b"PK"])
def test_a_record_that_looks_compressed_is_text(read: Read, start: bytes) -> None:
    # The parser inflates what begins like a compressed stream: "x^" is a zlib header.
    reading = read(b"a,b\n" + start + b",2\n3,4\n", delimited(encoding="latin-1"))
    assert reading.cells == [(start.decode("latin-1"), "2"), ("3", "4")]


@pytest.mark.parametrize(
    "data",
    [b"", b"\xef\xbb\xbf", b"\n\n\n", b'"a,b\n1,2\n', b'a"b,c\n1,2\n', b"a,\0\n1,2\n", b"a,\xff\n"],
)
def test_a_file_without_a_readable_header(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(data)
    with pytest.raises(DeliveryError, match=r"empty|header") as caught:
        delimited().open(path)
    assert caught.value.where == "bad.csv"
    assert caught.value.next


@pytest.mark.parametrize(
    "options",
    [
        {"encoding": "iso2022_jp"},
        {"encoding": "utf-7"},
        {"encoding": "base64"},
        {"encoding": "no such"},
        {"delimiter": ""},
        {"delimiter": "\n"},
        {"delimiter": "§", "encoding": "cp932"},
        {"delimiter": "€", "encoding": "utf-16"},
        {"delimiter": "a\rb"},
        {"delimiter": '|"|'},
        {"escape": ","},
        {"escape": "§"},
        {"comment": " "},
        {"comment": ",x"},
        {"header_row": 0},
        {"header_row": 2, "skip_lines": 1},
        {"header_row": ["a"], "header": ["a"]},
        {"header_row": "a"},
        {"header_rows": 0},
        {"trailer": 0},
        {"trailer": "("},
        {"trailer": "(?P<sum>x)"},
        {"header_record": "("},
        {"delimiter": '"'},
        {"quote": "''"},
        {"header": False},
        {"header": []},
        {"header": "a,b"},
        {"header": ["a", "a"]},
        {"header": ["a", ""]},
        {"skip_lines": -1},
    ],
)
def test_options_that_cannot_work(options: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError):
        delimited(**options)  # type: ignore[arg-type]


def test_a_field_of_ten_megabytes(read: Read) -> None:
    plain, spread = b"x" * 10_000_000, b"line\n" * 2_000_000
    reading = read(b'a,b\n1,"' + plain + b'"\n2,"' + spread + b'"\n3,' + plain, delimited())
    assert [len(row[1]) for row in reading.cells] == [10_000_000] * 3  # type: ignore[arg-type]


def test_a_quote_bomb_costs_each_line_and_little_time(read: Read) -> None:
    reading = read(b"a\n" + b'"a\n' * 200_000 + b"good\n", delimited())
    assert reading.cells == [("good",)]
    assert reading.refused["code"].unique().to_list() == ["open_quote"]
    assert reading.records == 200_001


@pytest.mark.parametrize("filler", [b'x""y",z\n', b'","\n', b'"\n"', b'a,"b\n', b'"",\n'])
def test_dense_quotes_stay_linear(read: Read, filler: bytes) -> None:
    reading = read(b"a,b\n" + filler * 100_000, delimited())
    assert reading.records


def test_a_record_over_several_lines_has_a_limit(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quoting, "MAX_MULTILINE", 20)
    data = b'a,b\n1,"x\ny"\n2,"' + b"long " * 4 + b'\nz"\n3,w\n'
    reading = read(data, delimited())
    assert [row[0] for row in reading.cells] == ["1", "3"]
    assert reading.codes == {2: "open_quote", 3: "stray_quote"}


@pytest.mark.parametrize("block", [7, 64, 5000])
def test_a_line_that_is_too_long_is_refused_in_pieces(
    read: Read, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(framing, "BLOCK", block)
    monkeypatch.setattr(framing, "MAX_RECORD", 200)
    reading = read(b"a,b\n1,2\n" + b"y" * 5000 + b"\n3,4\n5,6", delimited())
    assert reading.cells == [("1", "2"), ("3", "4"), ("5", "6")]
    if block < 200:
        assert set(reading.codes.values()) == {"too_long"}
        assert b"".join(reading.refused["bytes"]) == b"y" * 5000 + b"\n"


@pytest.mark.parametrize("block", [1, 50])
def test_endless_blank_lines_are_kept(
    read: Read, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(framing, "BLOCK", block)
    monkeypatch.setattr(framing, "MAX_RECORD", 200)
    reading = read(b"a,b\n1,2\n" + b"\n" * 1000 + b"3,4\n" + b"\n" * 1000, delimited())
    assert reading.cells == [("1", "2"), ("3", "4")]


def test_a_record_that_the_parser_does_not_read_is_refused_alone(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    faithful = pl.read_csv

    def forgetful(source: bytes, **options: object) -> pl.DataFrame:
        frame = faithful(source, **options)  # type: ignore[arg-type]
        return frame.filter(~frame[:, 0].is_in(["3", "8"]))

    monkeypatch.setattr(cells.pl, "read_csv", forgetful)
    body = b"".join(b"%d,x\n" % n for n in range(1, 11))
    reading = read(b"a,b\n" + body, delimited())
    assert reading.codes == {3: "parser_disagrees", 8: "parser_disagrees"}
    assert [row[0] for row in reading.cells] == ["1", "2", "4", "5", "6", "7", "9", "10"]


@pytest.mark.parametrize(
    ("header", "said"),
    [("id;name;at", "delimiter=';'"), ("id\tname", "delimiter=tab"), ("id|a,b|c", "delimiter=")],
)
def test_another_delimiter_is_suggested(read: Read, header: str, said: str) -> None:
    reading = read(f"{header}\n1\n".encode(), delimited(delimiter="^"))
    assert any(said in note for note in reading.framing.notes)


def test_one_column_is_no_reason_to_wonder(read: Read) -> None:
    assert not read(b"id\n1\n", delimited()).framing.notes
