"""Whatever was compressed how often, what is landed is what went in; or it is refused."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import zipfile
from collections.abc import Callable, Iterator
from functools import reduce
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanhold.deliveries.local import local_file
from cleanhold.errors import DeliveryError
from cleanhold.store.compression import HEAD, codec_of
from cleanhold.store.landing import land
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger

Pack = Callable[[bytes], bytes]


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


def zipped(data: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("data.csv", data)
    return out.getvalue()


def zip_bzip2(data: bytes) -> bytes:
    return zipped(data, zipfile.ZIP_BZIP2)


def stored(data: bytes) -> bytes:
    return zipped(data, zipfile.ZIP_STORED)


def zip_xz(data: bytes) -> bytes:
    return zipped(data, zipfile.ZIP_LZMA)


STREAMS: list[Pack] = [gzip.compress, bz2.compress, lzma.compress, zstd]
ARCHIVES: list[Pack] = [zipped, stored, zip_bzip2, zip_xz]
ENDINGS = {gzip.compress: ".gz", bz2.compress: ".bz2", lzma.compress: ".xz", zstd: ".zst"}


def is_plain(data: bytes) -> bool:
    return codec_of(data[:HEAD]) is None


plain = st.binary(max_size=2000).filter(is_plain)


class Dock:
    """A state to land in, and one file to deliver again and again."""

    def __init__(self, folder: Path) -> None:
        self.state = StateFolder(folder / "state").create()
        self.ledger = Ledger(self.state.ledger)
        self.folder = folder
        self.count = 0

    def landed(self, content: bytes, name: str = "delivery") -> bytes | None:
        """The bytes of the one extract of a delivery; None if it is refused."""
        self.count += 1
        source = f"source {self.count}"
        file = self.folder / name
        file.write_bytes(content)
        try:
            (extract,) = land(local_file(file), self.state, self.ledger, source=source)
        except DeliveryError:
            assert self.ledger.extracts(source) == []
            (seen,) = self.ledger.aside(source)
            assert seen.problem
            kept = self.state.aside / hashlib.sha256(content).hexdigest()
            assert kept.read_bytes() == content
            return None
        found = extract.path.read_bytes()
        assert hashlib.sha256(found).hexdigest() == extract.sha256
        assert not [p for p in self.state.extracts.iterdir() if p.is_file()]
        return found


@pytest.fixture(scope="module")
def dock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dock]:
    opened = Dock(tmp_path_factory.mktemp("dock"))
    yield opened
    opened.ledger.close()


@settings(deadline=None, max_examples=40)
@given(
    data=plain,
    chain=st.lists(st.sampled_from(STREAMS), max_size=4),
    archive=st.none() | st.sampled_from(ARCHIVES),
)
def test_any_chain_of_compressors(
    dock: Dock, data: bytes, chain: list[Pack], archive: Pack | None
) -> None:
    packed = reduce(lambda content, pack: pack(content), chain, data)
    if archive is not None:
        packed = archive(packed)
    assert dock.landed(packed) == data


@settings(deadline=None, max_examples=40)
@given(
    parts=st.lists(st.binary(max_size=500), min_size=1, max_size=5), pack=st.sampled_from(STREAMS)
)
def test_streams_that_follow_each_other_are_one(dock: Dock, parts: list[bytes], pack: Pack) -> None:
    whole = b"".join(parts)
    if is_plain(whole):
        assert dock.landed(b"".join(map(pack, parts))) == whole


@settings(deadline=None, max_examples=150)
@given(data=plain, pack=st.sampled_from(STREAMS + ARCHIVES), choice=st.data())
def test_a_changed_byte_is_refused_or_changes_nothing(
    dock: Dock, data: bytes, pack: Pack, choice: st.DataObject
) -> None:
    packed = bytearray(pack(data))
    at = choice.draw(st.integers(0, len(packed) - 1))
    packed[at] = choice.draw(st.integers(0, 255))
    assert dock.landed(bytes(packed), f"data.csv{ENDINGS.get(pack, '.zip')}") in (data, None)


@settings(deadline=None, max_examples=100)
@given(data=plain, pack=st.sampled_from(STREAMS + ARCHIVES), choice=st.data())
def test_a_cut_or_lengthened_file_is_refused_or_changes_nothing(
    dock: Dock, data: bytes, pack: Pack, choice: st.DataObject
) -> None:
    packed = pack(data)
    cut = packed[: choice.draw(st.integers(1, len(packed) - 1))]
    more = packed + choice.draw(st.binary(min_size=1, max_size=20))
    for content in (cut, more):
        name = f"data.csv{ENDINGS.get(pack, '.zip')}"
        found = dock.landed(content, name)
        if not (content is more and is_again(content[len(packed) :])):
            assert found in (data, None)


def is_again(rest: bytes) -> bool:
    """Whether what follows is another stream of its own."""
    return codec_of(rest[:HEAD]) is not None
