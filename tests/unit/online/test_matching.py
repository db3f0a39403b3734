"""Patterns in Python's engine: Polars' meaning, and no pattern that never ends."""

from __future__ import annotations

import time

import polars as pl
import pytest

from cleanhold.online.matching import contains, replaced_once

PATTERNS = [
    "a", "^a", "a$", r"a\z", r"\Aa", "^$", "", "a|", "a|b|ab", "(?:a|ab)(?:c|bcd)$", "[a-c]+",
    "[^a]",
    r"\d", r"\D", r"\w+", r"\W", r"\s", r"\S$", r"[\d.]+", r"[^\w]", ".", "a.b", "a{2}", "a{2,}",
    "a{1,2}?b", "a??b", r"\.", r"[\]\-^]", "[a-]", "[-a]", r"\x41", r"\x{e9}", r"\u00e9", "é",
    r"\p{L}", r"\bab\b", "(?i)AB", "(?i:aB)", "(?i:k)", "(?P<n>a)", "(?m)^a$", "[[:alpha:]]",
    "[a&&b]",
    "(a+)+$", "(a|a)*$", "(?:a*)*b", "a*a*a*a*c", r"^(?:[a-z]+\.)*[a-z]+$", r"a\n", r"\t", "😀",
]  # fmt: skip
TEXTS = [
    "", "a", "b", "ab", "abc", "abcd", "aab", "aaa", "A", "AB", "aB", "a\n", "\n", "a\nb", "a.b",
    "é",
    "É", "٣", "3", "3.5", " ", "\u00a0", "\x1c", "k", "K", "K", "ſ", "_", "-", "]", "^", "ß", "😀",
    "a\tb", "ab ab", "ʰ", "\u0301", "Ⅷ", "²", "\u200d",
]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS, ids=range(len(PATTERNS)))
def test_a_pattern_is_found_where_polars_finds_it(pattern: str) -> None:
    expected = pl.Series(TEXTS).str.contains(pattern).to_list()
    assert [contains(pattern)(text) for text in TEXTS] == expected


@pytest.mark.parametrize(
    "by", ["x", "", "$1", "-$1", "$0$0", "$1x", "$$", "${1}", "$2"], ids=range(9)
)
@pytest.mark.parametrize("pattern", [r"(a)", r"\A(.*)\z", "(a)|b", "(a+?)", "()"], ids=range(5))
def test_a_match_is_replaced_as_polars_replaces_it(pattern: str, by: str) -> None:
    expected = pl.Series(TEXTS).str.replace(pattern, by).to_list()
    assert [replaced_once(pattern, by)(text) for text in TEXTS] == expected


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "^(a|a)*$",
        "^(?:a*)*$",
        "^(?:a|aa)+$",
        "^a*a*a*a*a*a*$",
        "(?:a?){40}b",
        "(.*)(.*)(.*)x$",
    ],
    ids=range(7),
)
def test_no_text_takes_for_ever(pattern: str) -> None:
    started = time.monotonic()
    assert contains(pattern)("a" * 30_000 + "!") is False
    assert contains(pattern)("a" * 150 + "!") is False
    assert time.monotonic() - started < 5
