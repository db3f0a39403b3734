"""Checks of texts against plain Python that computes the same thing another way."""

from __future__ import annotations

import itertools
import re
import tempfile
import unicodedata
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanhold import checks
from cleanhold.builtins.checks.listing import AnyRule
from cleanhold.testing.check_suite import Verdicts, judge

QUICK = settings(max_examples=25, deadline=None)


def verdicts(rule: AnyRule, texts: list[str], name: str = "value") -> Verdicts:
    with tempfile.TemporaryDirectory() as folder:
        return judge(rule, pl.DataFrame({name: pl.Series(texts, dtype=pl.String)}), Path(folder))


def holds(rule: AnyRule, texts: list[str]) -> list[bool]:
    return [not held for held in verdicts(rule, texts).held]


FLAG = "\U0001f3f4\U000e0067\U000e0062\U000e007f"
ALPHABET = [
    "a", " ", "\n", "ב", "ب", "क", "\u094d", "ไ", "👩", "💻", "漢", "\ufe0f",
    "\U000e0100", "\u200b",
    "\u200c", "\u200d", "\u200f", "\u202a", "\u202c", "\u202e", "\u2066", "\u2069", "\U000e0041",
    "\U0001f3f4", FLAG,
]  # fmt: skip
#: Each text of up to three of them: what is beside what is all that counts, but for lines.
ALL_SHORT = ["".join(t) for size in (1, 2, 3) for t in itertools.product(ALPHABET, repeat=size)]
OPENERS = {"\u2066": "\u2069", "\u202a": "\u202c"}


def ends_on_its_line(text: str) -> bool:
    for line in text.split("\n"):
        open_ones: list[str] = []
        for character in line:
            if character in OPENERS:
                open_ones.append(OPENERS[character])
                if len(open_ones) > 2:
                    return False
            elif character in OPENERS.values() and (not open_ones or open_ones.pop() != character):
                return False
        if open_ones:
            return False
    return True


def hides_nothing(text: str) -> bool:
    text = text.replace(FLAG, "👩")
    if not ends_on_its_line(text) or "\u202e" in text or re.search("[\U000e0000-\U000e007f]", text):
        return False
    if "\u200f" in text and not re.search("[בب]", text):
        return False
    for place, character in enumerate(text):
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        if character == "\u200b" and before not in ("ไ",):
            return False
        if character == "\u200c" and before not in tuple("بक\u094d"):
            return False
        if character == "\u200d" and (
            before not in tuple("بक\u094d👩💻\U0001f3f4\ufe0f")
            or (before in tuple("👩💻\U0001f3f4\ufe0f") and after not in tuple("👩💻\U0001f3f4"))
        ):
            return False
        if character == "\ufe0f" and before in ("", "a", " ", "\n", "\ufe0f", "\U000e0100"):
            return False
        if character == "\U000e0100" and before != "漢":
            return False
    return True


def test_hidden_text_of_any_three_characters() -> None:
    assert holds(checks.no_hidden_text(), ALL_SHORT) == [hides_nothing(t) for t in ALL_SHORT]


@QUICK
@given(st.lists(st.lists(st.sampled_from(ALPHABET), max_size=9).map("".join), min_size=1))
def test_hidden_text(texts: list[str]) -> None:
    assert holds(checks.no_hidden_text(), texts) == [hides_nothing(t) for t in texts]


def test_findings_show_what_is_hidden() -> None:
    (message,) = verdicts(checks.no_hidden_text(), ["user\u202etxt.exe\U000e0041"]).messages
    assert "user<U+202E>txt.exe<U+E0041>" in message


SCRIPTS = ("LATIN", "CYRILLIC", "GREEK")


def script(character: str) -> str:
    first = unicodedata.name(character, "?").split()[0]
    return first if first in SCRIPTS else ""


@QUICK
@given(st.lists(st.text("aopxzАОжяοΟΩα -1é", max_size=8), min_size=1, max_size=60))
def test_letters_in_disguise(texts: list[str]) -> None:
    alike = set("aopxАОοΟ")

    def is_plain(text: str) -> bool:
        return not any(
            script(a) and script(b) and script(a) != script(b) and alike & {a, b}
            and {"LATIN"} <= {script(a), script(b)}
            and ((script(a) != "LATIN" and a in alike) or (script(b) != "LATIN" and b in alike)
                 or "CYRILLIC" in (script(a), script(b)))
            for a, b in itertools.pairwise(text)
        )  # fmt: skip

    assert holds(checks.no_lookalike_letters(), texts) == [is_plain(t) for t in texts]


@QUICK
@given(
    st.lists(
        st.lists(st.sampled_from(["a", " a", "b ", "", "c", "d", "e"]), max_size=12).map("\n".join),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from([0.0, 0.3, 0.5]),
    st.integers(1, 6),
)
def test_repeated_lines(texts: list[str], most: float, least: int) -> None:
    def is_good(text: str) -> bool:
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        return len(lines) < least or 1 - len(set(lines)) / len(lines) <= most

    found = holds(checks.no_repeated_lines(most, least), texts)
    assert found == [is_good(t) for t in texts]


@QUICK
@given(
    st.lists(
        st.lists(st.sampled_from(["ab", "AB", "c", "d.", "É", "é"]), max_size=30).map(" ".join),
        min_size=1,
        max_size=30,
    ),
    st.integers(1, 4),
    st.sampled_from([0.1, 0.15, 0.5]),
    st.sampled_from([1, 5]),
)
def test_repeated_phrases(texts: list[str], size: int, most: float, least: int) -> None:
    def is_good(text: str) -> bool:
        words = re.findall(r"\w+", text.lower())
        phrases = [tuple(words[i : i + size]) for i in range(len(words) - size + 1)]
        return len(phrases) < least or 1 - len(set(phrases)) / len(phrases) <= most

    found = holds(checks.no_repeated_phrases(size, most, least), texts)
    assert found == [is_good(t) for t in texts]


@QUICK
@given(st.lists(st.text(max_size=30), min_size=1, max_size=30))
def test_mostly_letters(texts: list[str]) -> None:
    def is_good(text: str) -> bool:
        seen = [c for c in text if not (c.isspace() and c not in "\x1c\x1d\x1e\x1f")]
        letters = [c for c in seen if unicodedata.category(c)[0] in "LM"]
        unknown = any(unicodedata.category(c) == "Cn" for c in text)  # of a newer Unicode
        return unknown or len(seen) < 5 or len(letters) >= len(seen) * 0.5

    texts = [t for t in texts if all(unicodedata.category(c) != "Cn" for c in t)]
    assert holds(checks.mostly_letters(0.5, length=5), texts) == [is_good(t) for t in texts]


@QUICK
@given(
    st.lists(
        st.lists(st.sampled_from(["one line that is long", "another that is long", "short", ""]),
                 max_size=4).map("\n".join),
        min_size=1,
        max_size=30,
    ),
    st.integers(1, 4),
)  # fmt: skip
def test_shared_lines(texts: list[str], least: int) -> None:
    rows = [{line for line in text.split("\n") if len(line) >= 10} for text in texts]
    often = {line for lines in rows for line in lines if sum(line in r for r in rows) > least}
    rule = checks.no_shared_lines("body", share=0, least=least, length=10)
    found = [not held for held in verdicts(rule, texts, "body").held]
    assert found == [not (lines & often) for lines in rows]


def luhn(digits: str) -> bool:
    places = [int(d) for d in reversed(digits)]
    return sum(sum(divmod(2 * d, 10)) if i % 2 else d for i, d in enumerate(places)) % 10 == 0


@QUICK
@given(
    st.lists(st.from_regex(r"\A[2-6][0-9]{15}\Z"), min_size=1, max_size=20),
    st.sampled_from(["", " ", "-"]),
)
def test_card_numbers_in_a_sentence_are_found_and_masked(cards: list[str], mark: str) -> None:
    written = [mark.join(card[i : i + 4] for i in range(0, 16, 4)) for card in cards]
    found = verdicts(checks.no_personal_data("card"), [f"my card {w}, ok?" for w in written])
    assert list(found.held) == [luhn(card) for card in cards]
    shown = found.findings.select("value", "message").rows()
    assert all("•••" in value and "•••" in message for value, message in shown)
    assert not any(re.search("[0-9]{4}", value + message) for value, message in shown)
