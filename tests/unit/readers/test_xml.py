from __future__ import annotations

from pathlib import Path

import pytest

from cleanhold.core.reading import Reader
from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers import xml, xml_document, xml_records
from cleanhold.testing.reader_suite import account_for

from .conftest import Read

ORDERS = b"""<?xml version="1.0" encoding="UTF-8"?>
<orders xmlns:x="urn:x">
  <order id="1"><address kind="home"><city>K\xc3\xb6ln</city></address><note/></order>
  <!-- between -->
  <order id="2"><address><city><![CDATA[A & <B>]]></city></address><x:total>1.50</x:total></order>
</orders>
"""


def test_every_attribute_and_element_is_a_column(read: Read) -> None:
    reading = read(ORDERS, xml("/orders/order"))
    assert list(reading.framing.columns) == [
        "id",
        "address.kind",
        "address.city",
        "note",
        "total",
    ]
    assert reading.cells == [
        ("1", "home", "Köln", "", None),
        ("2", None, "A & <B>", None, "1.50"),
    ]
    assert reading.framing.overhead == ORDERS.index(b"<order ")


def test_declared_columns(read: Read) -> None:
    columns = {"id": "@id", "city": "address/city", "total": "t:total", "whole": "address"}
    reading = read(ORDERS, xml("/orders/order", columns, {"t": "urn:x"}))
    assert reading.cells == [
        ("1", "Köln", None, '{"@kind": "home", "city": "Köln"}'),
        ("2", "A & <B>", "1.50", '{"city": "A & <B>"}'),
    ]
    other = xml("/orders/order", {"total": "t:total"}, {"t": "urn:y"})
    assert read(ORDERS, other).cells == [(None,), (None,)]


def test_records_have_the_bytes_up_to_the_next_one(read: Read) -> None:
    reading = read(b"<a><r>1</r>, <r>2</r> </a>", xml("//r"))
    assert reading.rows.select("__offset", "__length").rows() == [(3, 10), (13, 13)]
    assert list(reading.framing.columns) == ["text"]


def test_what_is_repeated_is_a_json_list(read: Read) -> None:
    data = (
        b"<a><r><t>1</t><i><s>x</s></i></r><r><t>2</t><t>3</t>"
        b"<i><s>y</s></i><i n='1'><s>z</s><s/></i></r></a>"
    )
    reading = read(data, xml("/a/r"))
    assert list(reading.framing.columns) == ["t", "i"]
    assert reading.cells == [
        ('["1"]', '[{"s": "x"}]'),
        ('["2", "3"]', '[{"s": "y"}, {"@n": "1", "s": ["z", ""]}]'),
    ]
    columns = {"t": "t", "ts": "t[]", "s": "i/s[]", "n": "i/@n"}
    assert read(data, xml("/a/r", columns)).cells == [
        ("1", '["1"]', '["x"]', None),
        ('["2", "3"]', '["2", "3"]', '["y", "z", ""]', "1"),
    ]


def test_mixed_content_and_nil(read: Read) -> None:
    data = (
        b'<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        b"<r><p>one <b>two</b> three</p><q xsi:nil='true'/><e></e></r></a>"
    )
    reading = read(data, xml("/a/r"))
    assert dict(zip(reading.framing.columns, reading.cells[0], strict=True)) == {
        "p": "one two three",
        "p.b": "two",
        "q": None,
        "e": "",
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "cp1252", "us-ascii"])
def test_encodings_by_declaration(read: Read, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><a><r n="&#233;">x</r><r>y</r></a>'
    reading = read(text.encode(encoding), xml("/a/r", {"n": "@n", "t": "."}))
    assert reading.cells == [("é", "x"), (None, "y")]
    assert reading.framing.encoding == encoding


@pytest.mark.parametrize(
    ("rest", "refused"),
    [
        (b"<r>2</x></a>", b"<r>2</x></a>"),
        (b"<r>2</r><r>\xff</r></a>", b"<r>\xff</r></a>"),
        (b"<r>2", b"<r>2"),
        (b" <r a='", b" <r a='"),
        (b"</a><b/>", b"</a><b/>"),
        (b"</a>&", b"</a>&"),
        (b"<r>&none;</r></a>", b"<r>&none;</r></a>"),
        (b"&", b"&"),
        (b"</a>", b""),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_broken_document_is_read_up_to_there(
    tmp_path: Path, rest: bytes, refused: bytes, encoding: str
) -> None:
    if encoding != "utf-8" and b"\xff" in rest:
        pytest.skip("means something in this encoding")
    head = b"<a><r>1</r><r q='>'/>"
    mark = b"" if encoding == "utf-8" else b"\xff\xfe"

    def coded(part: bytes) -> bytes:
        return part if encoding == "utf-8" else part.decode().encode(encoding)

    path = tmp_path / "x.xml"
    path.write_bytes(mark + coded(head) + coded(rest))
    reading = account_for(xml("/a/r", {"text": "."}), path)
    assert reading.cells[:2] == [("1",), ("",)]
    whole = rest.removesuffix(refused).count(b"</r>")
    assert reading.rows.height == 2 + whole
    if refused:
        assert reading.codes == {3 + whole: "bad_xml"}
        assert reading.refused["bytes"].to_list() == [coded(refused)]


def test_the_rest_is_refused_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_document, "MAX_RECORD", 4)
    path = tmp_path / "x.xml"
    path.write_bytes(b"<a><r>1</r><r>123456789</x>")
    reading = account_for(xml("/a/r"), path)
    assert reading.rows.height == 1
    assert len(reading.codes) == 4


@pytest.mark.parametrize("size", [1, 7, 1 << 18])
def test_pieces_and_chunks_change_nothing(
    read: Read, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = read(ORDERS, xml("/orders/order"))
    monkeypatch.setattr(xml_records, "PIECE", size)
    monkeypatch.setattr(xml_document, "RECORDS", 1)
    assert read(ORDERS, xml("/orders/order")).rows.equals(expected.rows)


def test_deep_nesting_is_refused_alone(read: Read) -> None:
    deep = b"<x>" * 50_000 + b"</x>" * 50_000
    reading = read(b"<a><r>1</r><r>" + deep + b"</r><r>3</r></a>", xml("/a/r"))
    assert reading.codes == {2: "bad_xml"}
    assert reading.rows["text"].to_list() == ["1", "3"]


BOMB = b"""<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;&l;">]><a><r>&m;</r></a>"""


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (BOMB, "entities"),
        (b'<!DOCTYPE a [<!ENTITY l SYSTEM "file:///etc/passwd">]><a><r>&l;</r></a>', "entities"),
        (b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://localhost/x">%p;]><a><r/></a>', "entities"),
        (b"hello", "no XML"),
        (b"", "empty"),
        (b"<a><b></a>", "no XML"),
        (b"<b><r/></b>", "<b>, and not the <a>"),
        (b'<?xml version="1.0" encoding="big5"?><a><r/></a>', "encoding"),
        (b'<?xml version="1.0" encoding="nope"?><a><r/></a>', "no XML|encoding"),
        (b"PK\x03\x04....", "ZIP"),
        (b"<a><r/>", "cut off after its record 1"),
    ],
)
def test_what_is_not_read(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "x.xml"
    path.write_bytes(data)
    with pytest.raises(DeliveryError, match=says):
        account_for(xml("/a/r"), path)


def test_no_records(read: Read) -> None:
    reading = read(b"<a></a>", xml("/a/r", {"x": "@x"}))
    assert (reading.records, reading.framing.overhead) == (0, 7)


def test_too_many_things_are_no_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_document, "MAX_COLUMNS", 2)
    path = tmp_path / "x.xml"
    path.write_bytes(b"<a><r><b/><c/><d/></r></a>")
    with pytest.raises(DeliveryError, match="different things"):
        xml("/a/r").open(path)


@pytest.mark.parametrize("record", ["order", "/", "/a//b", "//a/b", "/x:a", ""])
def test_paths_of_records_that_are_none(record: str) -> None:
    with pytest.raises(UsageError):
        xml(record)


@pytest.mark.parametrize("path", ["", "a//b", "a/", "@a/b", "a[1]", "y:a", "..", "a/."])
def test_paths_of_columns_that_are_none(path: str) -> None:
    with pytest.raises(UsageError):
        xml("/a/r", {"x": path})


def test_options_as_text() -> None:
    from cleanhold.readers import reader_for

    made = reader_for("xml", record="/a/n:r", columns="id:@id,city:n:address", namespaces="n:urn:x")
    assert made == xml("/a/n:r", {"id": "@id", "city": "n:address"}, {"n": "urn:x"})
    assert isinstance(made, Reader)
