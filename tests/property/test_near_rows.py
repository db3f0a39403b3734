"""Texts and rows that are nearly others, against comparing each with each in plain Python."""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Sequence
from functools import cache
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanhold import checks
from cleanhold.builtins.checks.listing import AnyRule
from cleanhold.errors import ContractError
from cleanhold.testing.check_suite import judge

QUICK = settings(max_examples=20, deadline=None)
WORDS = [a + b for a in "bdfgklmnprst" for b in ("a", "ei", "o", "um", "ist")]
TOLD = re.compile(r"record ([0-9]+)(?: is ([0-9]+) % the same|, ([0-9.]+) of 100)")


def twins(rule: AnyRule, table: pl.DataFrame) -> dict[int, tuple[int, float]]:
    """Record → the record that it is nearly like, and how much."""
    with tempfile.TemporaryDirectory() as folder:
        findings = judge(rule, table, Path(folder)).findings
    found = {}
    for record, message in findings.select("record", "message").rows():
        told = TOLD.search(message)
        assert told, message
        found[record] = (int(told[1]), float(told[2] or told[3]))
    return found


@cache
def runs(text: str, size: int = 3) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1))}


def jaccard(one: str, other: str, size: int = 3) -> float:
    a, b = runs(one, size), runs(other, size)
    return len(a & b) / len(a | b)


def letter(dice: random.Random, length: int) -> list[str]:
    return [dice.choice(WORDS) for _ in range(length)]


def corpus(dice: random.Random, count: int) -> list[str]:
    """Texts, every third of which is one of the others with some words changed."""
    texts: list[list[str]] = []
    for _ in range(count):
        text = letter(dice, dice.randrange(10, 50))
        if texts and dice.random() < 0.4:
            text = list(dice.choice(texts))
            for _ in range(dice.randrange(4)):
                text[dice.randrange(len(text))] = dice.choice(WORDS)
        texts.append(text)
    return [" ".join(text) for text in texts]


def table_of(texts: Sequence[str | None]) -> pl.DataFrame:
    return pl.DataFrame({"body": pl.Series(texts, dtype=pl.String)})


@QUICK
@given(st.randoms(use_true_random=False), st.sampled_from([0.5, 0.7, 0.8, 0.95, 1.0]))
def test_what_is_called_alike_is_alike(dice: random.Random, similarity: float) -> None:
    texts = corpus(dice, 40)
    found = twins(checks.no_near_duplicates("body", similarity=similarity), table_of(texts))
    for record, (twin, told) in found.items():
        share = jaccard(texts[record - 1], texts[twin - 1])
        assert twin < record
        assert share >= similarity
        assert told == int(share * 100 + 1e-9)


@pytest.mark.parametrize(("similarity", "least"), [(0.5, 0.97), (0.8, 0.98), (0.9, 0.98)])
def test_nearly_all_that_are_alike_are_found(similarity: float, least: float) -> None:
    texts = corpus(random.Random(11), 500)
    alike = {
        later + 1
        for earlier, later in combinations(range(len(texts)), 2)
        if jaccard(texts[earlier], texts[later]) >= similarity
    }
    found = twins(checks.no_near_duplicates("body", similarity=similarity), table_of(texts))
    assert set(found) <= alike
    assert len(found) >= least * len(alike) > 50


def test_a_crowd_of_texts_that_are_alike() -> None:
    """Of one form filled in again and again, each but the first is nearly another."""
    dice = random.Random(5)
    form = " ".join(letter(dice, 60))
    texts = [f"{form} {dice.choice(WORDS)} {dice.choice(WORDS)}" for _ in range(400)]
    assert len(twins(checks.no_near_duplicates("body"), table_of(texts))) == 399


def test_neither_case_nor_punctuation_counts_and_short_texts_are_nobodys() -> None:
    text = " ".join(letter(random.Random(1), 12))
    rows = [text, None, text.upper().replace(" ", ", ") + "!", "thank you", "thank you", ""]
    assert twins(checks.no_near_duplicates("body"), table_of(rows)) == {3: (1, 100.0)}
    assert twins(checks.no_near_duplicates("body", least=2), table_of(rows)) == {
        3: (1, 100.0),
        5: (4, 100.0),
    }


def test_the_best_is_kept() -> None:
    text = " ".join(letter(random.Random(2), 20))
    table = table_of([text, text + " more", text]).with_columns(votes=pl.Series([1, 7, None]))
    found = twins(checks.no_near_duplicates("body", best="votes"), table)
    assert found == {1: (2, 94.0), 3: (1, 100.0)}


def test_scripts_without_blanks_are_compared_by_characters() -> None:
    text = "商品が遅れて届き箱も壊れていましたので返金してください"
    found = twins(
        checks.no_near_duplicates("body"), table_of([text, text[:-1], "全く別の文章です" * 2])
    )
    assert set(found) == {2}


def test_options_out_of_range_are_refused() -> None:
    with pytest.raises(ContractError, match=r"similarity=0\.2 is not from 0\.5 to 1"):
        checks.no_near_duplicates("body", similarity=0.2)
    with pytest.raises(ContractError, match="size=0"):
        checks.no_near_duplicates("body", size=0)
    with pytest.raises(ContractError, match=r"block=\(\)"):
        checks.no_near_records("name", block=())


def ratio(one: str, other: str) -> float:
    """Twice the longest common subsequence by the lengths, of 100."""
    row = [0] * (len(other) + 1)
    for a in one:
        before = row
        row = [0]
        for i, b in enumerate(other):
            row.append(before[i] + 1 if a == b else max(before[i + 1], row[i]))
    return 200 * row[-1] / (len(one) + len(other))


@QUICK
@given(
    st.lists(
        st.tuples(
            st.text("ab ", max_size=6) | st.none(),
            st.text("abC", max_size=4) | st.none(),
            st.sampled_from(["x", "y", None]),
            st.sampled_from([1, 2, None]),
        ),
        min_size=1,
        max_size=25,
    ),
    st.sampled_from([60, 85, 100]),
)
def test_rows_that_are_nearly_others(rows: list[tuple[str, str, str, int]], least: int) -> None:
    columns = {"name": pl.String, "town": pl.String, "zip": pl.String, "year": pl.Int64}
    table = pl.DataFrame(rows, schema=columns, orient="row")
    texts = [
        " ".join(" ".join(part for part in (name, town) if part is not None).lower().split())
        for name, town, _, _ in rows
    ]
    wanted = {}
    for earlier, later in combinations(range(len(rows)), 2):
        of_one_block = any(
            rows[earlier][c] == rows[later][c] is not None and rows[earlier][c] is not None
            for c in (2, 3)
        )
        if not (of_one_block and texts[earlier] and texts[later]):
            continue
        score = ratio(texts[earlier], texts[later])
        if score >= least and later + 1 not in wanted:
            wanted[later + 1] = (earlier + 1, score)
    rule = checks.no_near_records("name", "town", block=("zip", "year"), least=least)
    found = twins(rule, table)
    assert {r: t for r, (t, _) in found.items()} == {r: t for r, (t, _) in wanted.items()}
    assert all(abs(found[r][1] - wanted[r][1]) <= 0.05 for r in found)
