"""Fixed-width text and NDJSON against plain Python, over generated files and block sizes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleanhold.readers import fixed_width, framing, ndjson
from cleanhold.readers.encoding import text_encoding
from cleanhold.testing.reader_suite import account_for, read_whole

RELAXED = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
BLOCKS = st.sampled_from([5, 30, 1 << 24])
ENDINGS = st.sampled_from(["\n", "\r\n", "\r"])


@RELAXED
@given(
    lines=st.lists(st.text(st.sampled_from('ab1 é",€'), max_size=9), max_size=12),
    encoding=st.sampled_from(["utf-8", "cp1252"]),
    ending=ENDINGS,
    pad=st.booleans(),
    block=BLOCKS,
)
def test_fixed_width_slices_like_python(
    tmp_path: Path, lines: list[str], encoding: str, ending: str, pad: bool, block: int
) -> None:
    path = tmp_path / "x"
    path.write_bytes(ending.join(["12345678", *lines]).encode(encoding))
    reader = fixed_width(
        [("a", 1, 2), ("b", 3, 5)], width=8, encoding=encoding, short="pad" if pad else "refuse"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(framing, "BLOCK", block)
        reading = account_for(reader, path)
    records = ["12345678", *(line for line in lines if line)]
    fits = [len(line) <= 8 if pad else len(line) == 8 for line in records]
    assert reading.cells == [
        (line.ljust(8)[:2], line.ljust(8)[2:7])
        for line, fit in zip(records, fits, strict=True)
        if fit
    ]
    assert reading.codes == {n: "wrong_length" for n, fit in enumerate(fits, 1) if not fit}


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(blacklist_categories=["Cs"]), max_size=6)
    | st.text(st.sampled_from('"\\{}[]:,\n\t\0 '), max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=4,
)
KEYS = st.sampled_from(["a", "b", 'q"', "\\", "é", "{", ",:", "a\n"])
SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " :")])


def text_of(value: Any, separators: tuple[str, str], ascii_only: bool) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, separators=separators, ensure_ascii=ascii_only)


@RELAXED
@given(
    objects=st.lists(st.dictionaries(KEYS, VALUES, max_size=4), min_size=1, max_size=8),
    separators=SEPARATORS,
    ascii_only=st.booleans(),
    ending=ENDINGS,
    block=BLOCKS,
)
def test_ndjson_reads_what_python_writes(
    tmp_path: Path,
    objects: list[dict[str, Any]],
    separators: tuple[str, str],
    ascii_only: bool,
    ending: str,
    block: int,
) -> None:
    path = tmp_path / "x"
    lines = [json.dumps(o, separators=separators, ensure_ascii=ascii_only) for o in objects]
    path.write_bytes(ending.join(lines).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(framing, "BLOCK", block)
        reading = account_for(ndjson(), path)
    assert reading.codes == {}
    keys = list(dict.fromkeys(key for o in objects for key in o))
    assert reading.cells == [
        tuple(text_of(o.get(key), separators, ascii_only) for key in keys) for o in objects
    ]


PIECES = ["{", "}", "[", "]", ":", ",", '"', "\\", '"a"', '"b"', "1", "-", "0", ".5", "e3", " "]
PIECES += ["true", "null", "\n", '{"a":1}', '{"a":[1]}\n', '"\\"', "\t", "\\u00e9", "NaN", "\0"]


def plain_verdict(line: str) -> str | None:
    """What Python's json says about one line: None for an object, else the code."""

    def no(constant: str) -> None:
        raise ValueError(constant)

    pairs: list[list[tuple[str, Any]]] = []

    def keep(members: list[tuple[str, Any]]) -> dict[str, Any]:
        pairs.append(members)
        return dict(members)

    try:
        value = json.loads(line, object_pairs_hook=keep, parse_constant=no)
    except ValueError:
        return "bad_json"
    if not isinstance(value, dict):
        return "bad_json"
    outermost = [key for key, _ in pairs[-1]]
    return "duplicate_key" if len(set(outermost)) < len(outermost) else None


@settings(RELAXED, max_examples=250)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=14), block=BLOCKS)
def test_ndjson_refuses_what_python_refuses(tmp_path: Path, pieces: list[str], block: int) -> None:
    path = tmp_path / "x"
    text = '{"a":0}\n{"a":' + "".join(pieces) + "}"
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(framing, "BLOCK", block)
        reading = read_whole(ndjson(), path)
    lines = [line for line in text.split("\n") if line]
    verdicts = {n: plain_verdict(line) for n, line in enumerate(lines, 1)}
    assert reading.codes == {n: code for n, code in verdicts.items() if code}


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.sampled_from([b"\x80", b"\xbf", b"\xc2", b"\xc1", b"\xe0", b"\xed", b"\xa0", b"\x9f"])
        | st.sampled_from([b"\xf0", b"\xf4", b"\x90", b"\x8f", b"\xff", b"a", b"\n", b"\xc3\xa9"])
        | st.sampled_from(["€".encode(), "😀".encode(), b"\xef\xbf\xbf", b"\xf5", b"\xee"])
    )
)
def test_invalid_utf8_is_found_where_python_finds_it(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    invalid = text_encoding("utf-8").invalid(data).tolist()
    assert invalid[:1] == first_error(data)
    assert text_encoding("utf-8").is_valid(data) == (not invalid)


def first_error(data: bytes) -> list[int]:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return [error.start]
    return []
