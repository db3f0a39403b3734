from __future__ import annotations

from pathlib import Path

import pytest

from cleanhold.core.extract import row_id
from cleanhold.store.quarantine import Quarantine

from .batches import MOMENT, batch, picture, sha


def status(quarantine: Quarantine) -> dict[str, tuple[str, str | None, int]]:
    """`extract-record` → status, superseded by, times seen."""
    rows = quarantine.rows(status=None, limit=None)
    names = {sha(name)[:16]: name for name in ("e1", "e2", "e3", "e4")}

    def short(identifier: str | None) -> str | None:
        prefix, dash, record = (identifier or "").partition("-")
        return f"{names[prefix]}-{record}" if dash else identifier

    return {
        str(short(row["row_id"])): (row["status"], short(row["superseded_by"]), row["times_seen"])
        for row in rows.iter_rows(named=True)
    }


def test_a_batch_is_fed_whole_and_once(quarantine: Quarantine, tmp_path: Path) -> None:
    one = batch(tmp_path, "r1", held=[(2, "b", "x")], refused=[3], warned=[4], clean=[(1, "a")])
    assert quarantine.feed(one)
    before = picture(quarantine)
    assert not quarantine.feed(one)
    assert picture(quarantine) == before
    assert quarantine.counts() == {
        "held": 1,
        "superseded": 0,
        "refused": 1,
        "findings": 3,
        "batches": 1,
    }
    row = quarantine.row(row_id(sha("e1"), 2))
    assert row is not None
    assert {name: row[name] for name in ("kind", "record", "business_key", "raw", "parsed")} == {
        "kind": "held",
        "record": 2,
        "business_key": "b",
        "raw": {"content": "x"},
        "parsed": {"content": None},
    }
    assert [finding["check"] for finding in row["findings"]] == ["number", "x"]
    refused = quarantine.row(row_id(sha("e1"), 3))
    assert refused is not None
    assert (refused["kind"], refused["code"], refused["bytes"]) == (
        "refused",
        "open_quote",
        b'"\xff\0',
    )
    assert quarantine.findings(row_id(sha("e1"), 4))["severity"].to_list() == ["warn"]


def test_a_failed_feed_leaves_nothing(quarantine: Quarantine, tmp_path: Path) -> None:
    one = batch(tmp_path, "r1", held=[(2, "b", "x")], refused=[3])
    one.refused[0].write_bytes(b"torn")
    with pytest.raises(Exception, match="quarantine database refused"):
        quarantine.feed(one)
    assert set(quarantine.counts().values()) == {0}


def test_a_clean_row_of_the_same_key_supersedes(quarantine: Quarantine, tmp_path: Path) -> None:
    quarantine.feed(
        batch(tmp_path, "r1", held=[(1, "a", "x"), (2, "b", "y"), (3, None, "z")], refused=[4])
    )
    quarantine.feed(batch(tmp_path, "r2", extract="e2", day=2, clean=[(1, "b"), (2, None)]))
    assert status(quarantine) == {
        "e1-1": ("held", None, 1),
        "e1-2": ("superseded", "r2", 1),
        "e1-3": ("held", None, 1),
    }
    assert quarantine.counts()["refused"] == 1


@pytest.mark.parametrize(
    "change",
    [{"published": False}, {"key": ()}, {"day": 1}, {"dataset": "crm.other"}],
    ids=lambda change: next(iter(change)),
)
def test_a_clean_row_settles_nothing_when_it(
    quarantine: Quarantine, tmp_path: Path, change: dict[str, object]
) -> None:
    """… was not published, has no key, is not of a later delivery, or of another dataset."""
    quarantine.feed(batch(tmp_path, "r1", day=1, held=[(1, "b", "x")]))
    later = {"extract": "e2", "day": 2, "clean": [(1, "b")], **change}
    quarantine.feed(batch(tmp_path, "r2", **later))  # type: ignore[arg-type]
    assert status(quarantine)["e1-1"] == ("held", None, 1)


def test_a_key_of_several_columns_is_one_text(quarantine: Quarantine, tmp_path: Path) -> None:
    quarantine.feed(batch(tmp_path, "r1", held=[(1, "b | b", "x"), (2, "b", "y")]))
    quarantine.feed(
        batch(tmp_path, "r2", extract="e2", day=2, clean=[(1, "b")], key=("key", "key"))
    )
    assert status(quarantine)["e1-1"][0] == "superseded"
    assert status(quarantine)["e1-2"][0] == "held"


@pytest.mark.parametrize("published", [True, False])
def test_a_replaced_dataset_settles_everything_before(
    quarantine: Quarantine, tmp_path: Path, published: bool
) -> None:
    quarantine.feed(batch(tmp_path, "r1", load="replace", held=[(1, "a", "x")], refused=[2]))
    quarantine.feed(
        batch(
            tmp_path,
            "r2",
            load="replace",
            extract="e2",
            day=2,
            held=[(9, "q", "new")],
            published=published,
        )
    )
    counts = quarantine.counts()
    if published:
        assert status(quarantine)["e1-1"] == ("superseded", "r2", 1)
        assert (counts["held"], counts["refused"]) == (1, 0)
    else:
        assert status(quarantine)["e1-1"] == ("held", None, 1)
        assert (counts["held"], counts["refused"]) == (2, 1)


def test_the_same_content_again_is_counted(quarantine: Quarantine, tmp_path: Path) -> None:
    quarantine.feed(batch(tmp_path, "r1", day=1, held=[(1, "a", "x"), (2, "b", "y")]))
    quarantine.feed(batch(tmp_path, "r2", extract="e2", day=2, held=[(5, "a", "x")]))
    quarantine.feed(batch(tmp_path, "r3", extract="e3", day=3, held=[(7, "a", "x")]))
    assert status(quarantine) == {
        "e1-1": ("superseded", "e2-5", 1),
        "e1-2": ("held", None, 1),
        "e2-5": ("superseded", "e3-7", 2),
        "e3-7": ("held", None, 3),
    }
    first, last = quarantine.find("a")[["first_seen", "last_seen"]].row(0)
    assert (first, last) == (
        quarantine.find("b")["first_seen"][0],
        quarantine.find("a")["last_seen"].max(),
    )
    assert last > first


def test_the_same_content_from_an_earlier_delivery_is_an_older_sighting(
    quarantine: Quarantine, tmp_path: Path
) -> None:
    quarantine.feed(batch(tmp_path, "r2", extract="e2", day=2, held=[(5, "a", "x")]))
    quarantine.feed(batch(tmp_path, "r1", extract="e1", day=1, held=[(1, "a", "x")]))
    assert status(quarantine) == {
        "e1-1": ("superseded", "e2-5", 1),
        "e2-5": ("held", None, 2),
    }


def test_duplicates_within_one_extract_stay_apart(quarantine: Quarantine, tmp_path: Path) -> None:
    quarantine.feed(batch(tmp_path, "r1", held=[(1, "a", "x"), (2, "a", "x")]))
    assert {row[0] for row in status(quarantine).values()} == {"held"}
    quarantine.feed(batch(tmp_path, "r2", extract="e2", day=2, held=[(3, "a", "x"), (4, "a", "x")]))
    assert status(quarantine) == {
        "e1-1": ("superseded", "e2-3", 1),
        "e1-2": ("superseded", "e2-3", 1),
        "e2-3": ("held", None, 2),
        "e2-4": ("held", None, 2),
    }


def test_the_same_extract_judged_anew_replaces_its_verdicts(
    quarantine: Quarantine, tmp_path: Path
) -> None:
    quarantine.feed(
        batch(tmp_path, "r1", held=[(1, "a", "x"), (2, "b", "y")], refused=[3], clean=[(4, "c")])
    )
    quarantine.feed(batch(tmp_path, "r2", held=[(2, "b", "y"), (4, "c", "z")], clean=[(1, "a")]))
    assert status(quarantine) == {
        "e1-1": ("superseded", "r2", 1),
        "e1-2": ("held", None, 1),
        "e1-4": ("held", None, 1),
    }
    row = quarantine.row(row_id(sha("e1"), 2))
    assert row is not None
    assert row["run_id"] == "r2"
    assert {finding["run_id"] for finding in row["findings"]} == {"r2"}
    assert quarantine.summary().filter(check="number")["rows"].to_list() == [2]
    assert quarantine.counts()["refused"] == 0
    # The first run's verdicts remain to be held against its account.
    assert quarantine.row_ids("r1").filter(home="held").height == 2
    # A third verdict may hold what the second one passed.
    quarantine.feed(batch(tmp_path, "r3", held=[(1, "a", "x")], refused=[3]))
    assert status(quarantine)["e1-1"] == ("held", None, 1)
    assert quarantine.counts()["refused"] == 1


def test_an_unpublished_verdict_lets_nothing_go(quarantine: Quarantine, tmp_path: Path) -> None:
    quarantine.feed(batch(tmp_path, "r1", held=[(1, "a", "x")], refused=[3]))
    quarantine.feed(batch(tmp_path, "r2", held=[(2, "b", "y")], published=False))
    assert status(quarantine) == {"e1-1": ("held", None, 1), "e1-2": ("held", None, 1)}
    assert quarantine.counts()["refused"] == 1


def test_what_a_later_delivery_settled_stays_settled(
    quarantine: Quarantine, tmp_path: Path
) -> None:
    quarantine.feed(batch(tmp_path, "r1", day=1, held=[(1, "a", "x"), (2, "b", "y")]))
    quarantine.feed(
        batch(tmp_path, "r2", extract="e2", day=2, clean=[(1, "a")], held=[(2, "b", "y")])
    )
    quarantine.feed(batch(tmp_path, "r3", day=1, held=[(1, "a", "x"), (2, "b", "y")]))
    assert status(quarantine) == {
        "e1-1": ("superseded", "r2", 1),
        "e1-2": ("superseded", "e2-2", 1),
        "e2-2": ("held", None, 2),
    }


def test_one_extract_may_feed_two_datasets(quarantine: Quarantine, tmp_path: Path) -> None:
    quarantine.feed(batch(tmp_path, "r1", held=[(1, "a", "x")], refused=[2]))
    quarantine.feed(batch(tmp_path, "r2", held=[(1, "a", "x")], refused=[2], dataset="crm.other"))
    assert quarantine.counts()["held"] == quarantine.counts()["refused"] == 2
    row = quarantine.row(row_id(sha("e1"), 1), "crm.other")
    assert row is not None
    assert (row["dataset"], row["run_id"]) == ("crm.other", "r2")


def test_times_are_utc(quarantine: Quarantine, tmp_path: Path) -> None:
    one = batch(tmp_path, "r0", day=0, held=[(1, "a", "x")])
    quarantine.feed(one)
    assert quarantine.rows()["first_seen"][0] == MOMENT.replace(tzinfo=None)
