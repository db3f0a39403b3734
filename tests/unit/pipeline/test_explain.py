from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.errors import UsageError
from cleanhold.pipeline.explain import Story, explain
from cleanhold.pipeline.quarantine import review


def tell(root: Path, what: str, reveal: str | None = None, **asked: Any) -> list[Story]:
    workspace = Workspace.find(root)
    with workspace.open() as stores:
        features = workspace.catalogue.features
        return explain(stores, what, review(stores, reveal), features=features, **asked)


def ids(root: Path, dataset: str = "shop.orders", **options: Any) -> dict[str, str]:
    """Key → row id, as published."""
    rows = Workspace.find(root).read(dataset, provenance=True, **options).collect()
    return dict(rows.select("id", "row_id").iter_rows())


def held(root: Path) -> dict[str, str]:
    with Workspace.find(root).open() as stores:
        rows = review(stores).rows(status=None, limit=None)
    return {row["business_key"]: row["row_id"] for row in rows}


def test_a_published_row_back_to_its_bytes(small: Any) -> None:
    small.contract()
    small.deliver("02", "a,1,x", "b,2,y")
    small.run()
    (story,) = tell(small.root, ids(small.root)["b"], "test")
    assert story.ended == "published"
    assert (story.record, story.published_in, story.current) == (2, (1,), 1)
    assert story.delivered is not None
    assert story.delivered.text == "b,2,y"
    assert story.delivered.values == {"id": "b", "amount": "2", "note": "y"}
    assert story.values == {"id": "b", "amount": 2, "note": "y"}
    assert story.extract is not None
    offset, length = story.delivered.span or (0, 0)
    assert story.extract.path.read_bytes()[offset : offset + length].rstrip() == b"b,2,y"


def test_a_row_that_a_newer_one_replaced(small: Any) -> None:
    small.contract().deliver("02", "a,1,")
    small.run()
    old = ids(small.root)["a"]
    small.deliver("03", "a,2,")
    small.run()
    (story,) = tell(small.root, old)
    assert story.ended == "published"
    assert story.published_in == (1,)
    assert story.current == 2


def test_a_held_row_and_what_settled_it(small: Any) -> None:
    small.contract().deliver("02", "a,-1,secret")
    small.run()
    row_id = held(small.root)["a"]
    (story,) = tell(small.root, row_id)
    assert story.ended == "held"
    assert story.quarantine is not None
    assert [f["check"] for f in story.quarantine["findings"]] == ["greater_than_or_equal_to"]
    assert story.delivered is not None
    assert story.delivered.text == "•••"
    assert "secret" not in str(story)
    small.deliver("03", "a,1,")
    small.run()
    (story,) = tell(small.root, row_id)
    assert story.ended == "superseded"


def test_a_refused_record(small: Any) -> None:
    small.contract().deliver("02", "a,1,x", "torn")
    small.run()
    extract = ids(small.root)["a"].partition("-")[0]
    (story,) = tell(small.root, f"{extract}-2", "test")
    assert story.ended == "refused"
    assert story.delivered is not None
    assert (story.delivered.values, story.delivered.text) == (None, "torn")


def test_a_row_that_came_too_late(small: Any) -> None:
    small.contract().deliver("03", "a,3,")
    small.run()
    delivered = small.deliver("02", "a,2,")
    small.run()
    from cleanhold.core.extract import sha256_of

    (story,) = tell(small.root, f"{sha256_of(delivered)[:16]}-1")
    assert story.ended == "superseded"
    assert story.values is not None
    assert story.values["amount"] == 2


def test_a_clean_row_of_a_candidate_and_its_end(small: Any) -> None:
    small.contract(tolerance="1%").deliver("02", "a,1,", "b,-1,")
    small.run()
    row_id = ids(small.root, channel="candidate")["a"]
    for what in (row_id, "a"):
        (story,) = tell(small.root, what)
        assert story.ended == "clean, in candidate 1, which was not published"
    small.contract(tolerance=None, version="1.0.1")
    small.run()
    (story,) = tell(small.root, row_id)
    assert story.ended == "published"
    assert [str(run.state) for run in story.runs] == ["candidate", "published"]


def test_a_row_held_under_one_contract_and_published_under_the_next(small: Any) -> None:
    small.contract(tolerance="1%", more="size: int = field(nullable=True, le=5)")
    small.deliver("02", "a,1,,9", header="id,amount,note,size")
    small.run()
    row_id = held(small.root)["a"]
    small.contract(version="1.0.1", more="size: int = field(nullable=True)")
    small.run()
    (story,) = tell(small.root, row_id)
    assert story.ended == "published"


def test_a_row_of_a_feature_table(reference: Path) -> None:
    rows = Workspace.find(reference).read("features.customer_churn", provenance=True).collect()
    (story,) = tell(reference, rows["row_id"][0])
    assert story.dataset == "features.customer_churn"
    assert story.ended == "published"
    assert story.extract is None


def test_a_business_key_has_a_story_in_each_dataset_and_delivery(small: Any) -> None:
    small.contract().contract("shop.people")
    small.deliver("02", "a,1,")
    small.deliver("03", "a,-5,")
    small.deliver("02", "a,7,", what="people")
    small.run()
    stories = tell(small.root, "a")
    assert [(s.dataset, s.ended) for s in stories] == [
        ("shop.orders", "published"),
        ("shop.people", "published"),
        ("shop.orders", "held"),
    ]


def test_the_same_bytes_in_two_datasets_are_two_stories(small: Any) -> None:
    small.contract().contract("shop.people")
    small.deliver("02", "a,1,")
    small.deliver("02", "a,1,", what="people")
    small.run()
    stories = tell(small.root, ids(small.root)["a"])
    assert sorted((s.dataset, s.ended) for s in stories) == [
        ("shop.orders", "published"),
        ("shop.people", "published"),
    ]


def test_a_source_that_is_gone_still_leaves_what_is_known(small: Any) -> None:
    small.contract().deliver("02", "a,1,")
    small.run()
    small.write("flows/sources.py", "")
    (story,) = tell(small.root, ids(small.root)["a"])
    assert story.ended == "published"
    assert story.delivered is None


@pytest.mark.parametrize("what", ["{extract}-3", "{extract}-0", "0123456789abcdef-1", "nobody"])
def test_what_nobody_knows(small: Any, what: str) -> None:
    small.contract().deliver("02", "a,1,", "torn")
    small.run()
    extract = ids(small.root)["a"].partition("-")[0]
    with pytest.raises(UsageError):
        tell(small.root, what.format(extract=extract))


def test_a_text_of_another_encoding_is_decoded_as_it_was(reference: Path) -> None:
    rows = Workspace.find(reference).read("legacy.policies", provenance=True).collect()
    import polars as pl

    row_id = rows.filter(pl.col("holder_name").str.contains("[^ -~]"))["row_id"][0]
    (story,) = tell(reference, row_id)
    assert story.delivered is not None
    assert story.delivered.text == "•••"
    workspace = Workspace.find(reference)
    with workspace.open() as stores:
        from dataclasses import replace

        open_review = replace(review(stores), revealed=True)
        (story,) = explain(stores, row_id, open_review)
    assert story.delivered is not None
    assert "\\x" not in (story.delivered.text or "")
