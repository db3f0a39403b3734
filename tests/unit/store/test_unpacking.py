"""What hostile or damaged deliveries come to: a clear refusal, and the bytes kept aside."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import json
import lzma
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard

from cleanhold.core.extract import Extract
from cleanhold.core.limits import Limits, Terms
from cleanhold.deliveries.local import local_file
from cleanhold.errors import DeliveryError
from cleanhold.store.landing import land
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger

ROWS = b"id,amount\na,1\n"
Land = Callable[..., list[Extract]]


@pytest.fixture
def take(tmp_path: Path, state: StateFolder, ledger: Ledger) -> Land:
    """Land some bytes under a name."""

    def take(content: bytes, name: str = "delivery", **terms: object) -> list[Extract]:
        limits = terms.pop("limits", Limits())
        (tmp_path / name).write_bytes(content)
        return land(
            local_file(tmp_path / name, tmp_path), state, ledger, source="crm",
            terms=Terms(limits, **terms),  # type: ignore[arg-type]
        )  # fmt: skip

    return take


def archive(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = 8) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two members of one name are meant
        with zipfile.ZipFile(out, "w", method) as packed:
            for name, content in members:
                packed.writestr(name, content)
    return out.getvalue()


def receipt(ledger: Ledger) -> dict[str, object]:
    return next(ledger.receipts("crm"))


def files_in(state: StateFolder) -> int:
    return sum(path.stat().st_size for path in state.extracts.rglob("*") if path.is_file())


def test_the_receipt_says_how_it_was_unpacked(
    take: Land, state: StateFolder, ledger: Ledger
) -> None:
    packed = lzma.compress(gzip.compress(ROWS))
    (extract,) = take(packed, "orders.csv.gz.xz")
    assert extract.path.read_bytes() == ROWS
    assert extract.name == "orders.csv.gz.xz"
    sha256 = hashlib.sha256(packed).hexdigest()
    said = receipt(ledger)
    assert said["delivery"] == {"sha256": sha256, "size": len(packed)}
    assert said["unpacked"] == ["xz", "gzip"]
    assert said["where"] == "orders.csv.gz.xz"
    assert said["arrived_at"]
    kept = state.delivery(sha256)
    assert kept.read_bytes() == packed
    assert kept.stat().st_mode & 0o777 == 0o444


def test_compressed_or_plain_it_is_one_extract(take: Land, ledger: Ledger) -> None:
    found = {take(ROWS, "a.csv")[0].sha256, take(gzip.compress(ROWS), "b.csv.gz")[0].sha256}
    assert len(found) == len(ledger.extracts()) == 1


def test_streams_without_a_checksum_are_told(take: Land, ledger: Ledger) -> None:
    take(zstandard.ZstdCompressor(write_checksum=False).compress(ROWS))
    assert receipt(ledger)["unpacked"] == ["zstd (no checksum)"]
    take(lzma.compress(ROWS + b"x", check=lzma.CHECK_NONE))
    assert receipt(ledger)["unpacked"] == ["xz (no checksum)"]


def test_padding_as_tapes_and_xz_have_it(take: Land) -> None:
    assert take(gzip.compress(ROWS) + bytes(500))[0].path.read_bytes() == ROWS
    assert take(lzma.compress(ROWS) + bytes(8))[0].path.read_bytes() == ROWS
    for damaged in (lzma.compress(ROWS) + bytes(7), bz2.compress(ROWS) + bytes(1)):
        with pytest.raises(DeliveryError, match="damaged"):
            take(damaged)


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_small_file_of_large_expansion_is_stopped_early(
    take: Land, state: StateFolder, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
) -> None:
    bomb = pack(bytes(80 << 20))
    assert len(bomb) < 300_000
    largest = 0
    real = Path.open

    def watched(self: Path, *arguments: object, **more: object) -> object:
        nonlocal largest
        largest = max(largest, files_in(state))
        return real(self, *arguments, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", watched)
    with pytest.raises(DeliveryError, match="looks like a bomb") as caught:
        take(bomb, "bomb.csv.gz")
    assert "raise `ratio`" in str(caught.value.next)
    assert largest < 70 << 20
    assert files_in(state) == 0
    assert len(take(bomb, "meant.csv.gz", limits=Limits(ratio=10**7))) == 1


def test_the_limits_of_size_and_members(take: Land, state: StateFolder) -> None:
    packed = gzip.compress(bytes(range(256)) * 40)
    with pytest.raises(DeliveryError, match="more than 10,000 bytes come out"):
        take(packed, limits=Limits(unpacked=10_000))
    assert len(take(packed, limits=Limits(unpacked=10_240))) == 1
    with pytest.raises(DeliveryError, match="has more than 10 bytes"):
        take(b"a" * 11, limits=Limits(delivery=10))
    many = archive(*((f"{n}.csv", b"%d" % n) for n in range(11)))
    with pytest.raises(DeliveryError, match="11 members"):
        take(many, limits=Limits(members=10))
    assert len(take(many, limits=Limits(members=11))) == 11


def test_a_directory_that_is_too_long_is_not_read(
    take: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    comment = b"c" * 50_000
    infos = []
    for n in range(10):
        info = zipfile.ZipInfo(f"{n}.csv")
        info.comment = comment
        infos.append((info, b"x"))
    monkeypatch.setattr(zipfile.ZipFile, "infolist", lambda self: 1 / 0)
    with pytest.raises(DeliveryError, match="directory has 500,"):
        take(archive(*infos), limits=Limits(members=100))


HOSTILE = [
    "../../../etc/passwd.csv", "/etc/passwd.csv", "C:\\Windows\\x.csv", "..\\..\\x.csv",
    "a/../../b.csv", "line\nbreak.csv", "NUL", "CON.csv", "https://example.org/x.csv", "*.csv",
    "[a-z]?.csv", "~root/x.csv", "-rf.csv", "%2e%2e%2fx.csv", "é\u202ecsv.exe", "x" * 300,
]  # fmt: skip


def test_names_of_members_do_no_harm(
    take: Land, state: StateFolder, ledger: Ledger, tmp_path: Path
) -> None:
    before = {path for path in tmp_path.rglob("*") if state.root not in path.parents}
    extracts = take(archive(*((name, name.encode()) for name in HOSTILE)), "x.zip")
    assert [e.path.read_bytes().decode() for e in extracts] == HOSTILE
    assert all(e.path == state.extract(e.sha256) for e in extracts)
    assert {said["member"] for said in ledger.receipts("crm")} == set(HOSTILE)
    after = {path for path in tmp_path.rglob("*") if state.root not in path.parents}
    assert after - before == {tmp_path / "x.zip"}


def test_a_pattern_picks_members_and_the_rest_is_told(take: Land, ledger: Ledger) -> None:
    packed = archive(
        ("in/orders.csv", ROWS), ("in/", b""), ("READ.ME", b"hello"), ("__MACOSX/in/._o.csv", b"x"),
        (".hidden.csv", b"x"), ("orders.csv", ROWS + b"b,2\n"), ("orders.csv", ROWS + b"c,3\n"),
    )  # fmt: skip
    extracts = take(packed, "all.zip", members="*.csv")
    assert [e.name for e in extracts] == [
        "all.zip/in/orders.csv", "all.zip/orders.csv", "all.zip/orders.csv",
    ]  # fmt: skip
    assert len({e.sha256 for e in extracts}) == 3
    assert receipt(ledger)["left"] == ["READ.ME", "__MACOSX/in/._o.csv", ".hidden.csv"]
    assert receipt(ledger)["unpacked"] == ["zip"]


@pytest.mark.parametrize(
    ("names", "taken"),
    [
        (["T.DBF", "T.FPT", "T.CDX"], 1),
        (["t.dbf", "t.dbt"], 1),
        (["t.dbf", "t.csv"], 2),
        (["t.dbf", "t.fpt", "other.csv"], 3),
        (["t.dbf", "u.dbf", "t.fpt"], 3),
        (["t.fpt"], 1),
    ],
)
def test_a_table_with_its_memo_file_is_one_extract(
    take: Land, names: list[str], taken: int
) -> None:
    delivery = archive(*[(name, name.encode()) for name in names])
    found = take(delivery, "t.zip")
    assert len(found) == taken
    is_whole = found[0].path.read_bytes() == delivery
    assert is_whole == (taken == 1 and len(names) > 1)


def test_archives_in_archives_and_documents_are_not_opened(take: Land) -> None:
    inner = archive(("a.csv", ROWS))
    (extract,) = take(archive(("inner.zip", inner)))
    assert extract.path.read_bytes() == inner
    (extract,) = take(gzip.compress(inner))
    assert extract.path.read_bytes() == inner
    workbook = archive(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>"))
    assert take(workbook, "book.xlsx")[0].path.read_bytes() == workbook
    spreadsheet = archive(("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"))
    assert take(spreadsheet, "book.ods")[0].path.read_bytes() == spreadsheet
    (extract,) = take(archive(("a.csv.gz", gzip.compress(ROWS))))
    assert extract.path.read_bytes() == ROWS


@pytest.mark.parametrize("memo", ["M.FPT", "sub/m.dbt"])
def test_a_dbase_table_and_its_memo_file_stay_together(take: Land, memo: str) -> None:
    table = ("m.DBF", b"table")
    packed = archive(table, (memo, b"memos"), ("__MACOSX/._m.dbf", b"x"), ("m.cdx", b"x"))
    assert take(packed)[0].path.read_bytes() == packed
    assert len(take(archive(table, (memo, b"memos"), ("n.dbf", b"other"), ("n.fpt", b"o")))) == 4
    assert len(take(archive(table, (memo, b"memos"), ("other.csv", ROWS)))) == 3
    (alone,) = take(archive(table))
    assert alone.path.read_bytes() == b"table"


def encrypted() -> bytes:
    packed = bytearray(archive(("a.csv", ROWS)))
    at = packed.index(b"PK\x01\x02")
    for flags in (6, at + 8):
        struct.pack_into("<H", packed, flags, struct.unpack_from("<H", packed, flags)[0] | 1)
    return bytes(packed)


def linked() -> bytes:
    info = zipfile.ZipInfo("link.csv")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return archive((info, b"/etc/passwd"))


def odd_method() -> bytes:
    packed = bytearray(archive(("a.csv", ROWS)))
    struct.pack_into("<H", packed, packed.index(b"PK\x01\x02") + 10, 97)
    return bytes(packed)


def swallowing() -> bytes:
    """The first member's entry says that the second one's is its comment."""
    packed = bytearray(archive(("a.csv", ROWS), ("b.csv", ROWS)))
    struct.pack_into("<H", packed, packed.index(b"PK\x01\x02") + 32, 51)
    return bytes(packed)


def newer_version() -> bytes:
    packed = bytearray(archive(("a.csv", ROWS)))
    packed[packed.index(b"PK\x01\x02") + 6] = 64
    return bytes(packed)


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (encrypted(), "a.zip", "encrypted"),
        (linked(), "a.zip", "symbolic link"),
        (odd_method(), "a.zip", "cannot be unpacked"),
        (newer_version(), "a.zip", "zip file version"),
        (swallowing(), "a.zip", "1 of 2 members"),
        (archive(), "a.zip", "no member"),
        (archive(("._a.csv", b"x")), "a.zip", "no member"),
        (archive(("a.csv", ROWS))[:-30], "a.zip", "directory is missing"),
        (archive(("a.csv", ROWS), ("b.csv", ROWS * 9)).replace(ROWS[:6], b"spoilt", 1), "a.zip",
         "damaged"),
        (gzip.compress(ROWS)[:-1], "a.gz", "its end is missing"),
        (gzip.compress(ROWS) + b"more", "a.gz", "damaged"),
        (gzip.compress(ROWS)[:-5] + b"\0\0\0\0\0", "a.gz", "incorrect"),
        (ROWS, "a.csv.gz", "does not begin|do not begin"),
        (ROWS, "a.ZIP", "do not begin"),
        (gzip.compress(gzip.compress(gzip.compress(gzip.compress(gzip.compress(ROWS))))), "a",
         "more than 4 times"),
    ],
    ids=range(15),
)  # fmt: skip
def test_what_cannot_be_landed_is_kept_aside(
    take: Land, state: StateFolder, ledger: Ledger, content: bytes, name: str, says: str
) -> None:
    if name == "a.zip" and says == "damaged":
        content = archive(("a.csv", ROWS), ("b.csv", ROWS * 9), method=0)
        content = content.replace(ROWS[:6], b"spoilt", 1)
    with pytest.raises(DeliveryError, match=says) as caught:
        take(content, name)
    assert (caught.value.where, bool(caught.value.next)) == (name, True)
    assert ledger.extracts() == []
    assert files_in(state) == 0
    sha256 = hashlib.sha256(content).hexdigest()
    assert state.aside_file(sha256).read_bytes() == content
    reason = json.loads((state.aside / f"{sha256}.json").read_bytes())
    assert (reason["name"], reason["source"], reason["size"]) == (name, "crm", len(content))
    assert reason["what"] == caught.value.what


def test_what_was_put_aside_is_not_copied_again_until_something_changes(
    take: Land, state: StateFolder, ledger: Ledger, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv.gz"
    file.write_bytes(gzip.compress(bytes(range(256)) * 40))
    fetched: list[str] = []

    def again(**limits: int) -> list[Extract]:
        plain = local_file(file, tmp_path)
        watched = replace(
            plain, fetch=lambda copy, told: (fetched.append("x"), plain.fetch(copy, told))[1]
        )
        return land(watched, state, ledger, source="crm", terms=Terms(Limits(**limits)))

    for _ in range(3):
        with pytest.raises(DeliveryError, match="10,000"):
            again(unpacked=10_000)
    assert len(fetched) == 1
    assert len(ledger.aside("crm")) == 1
    assert len(again(unpacked=20_000)) == len(again(unpacked=20_000)) == 1
    assert len(fetched) == 2
    assert ledger.aside() == []
    assert list(state.aside.iterdir()) == []


def test_it_can_be_taken_as_it_is(take: Land) -> None:
    packed = gzip.compress(ROWS)
    assert take(packed, compression="none")[0].path.read_bytes() == packed
    assert take(ROWS, "a.csv.gz", compression="none")[0].path.read_bytes() == ROWS
