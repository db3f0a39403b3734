"""What remedies make of texts, and above all what they leave alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cleanhold.builtins.remedies import known_of, remedied
from cleanhold.core.remedy import Remedy

MOJIBAKE = Path("/work/shared/data/text/mojibake_language_names.json")
KNOWN = known_of(
    ["active", "on hold", "Closed Won", "5", "15.5", "A", "C", "6-10", "male", "USA", "St. Louis",
     "AB-012", "München", "marry", "merry", "20 years", "123456789", "Us", "uS", "scip-inf-1"]
)  # fmt: skip


def becomes(text: str, *remedies: Remedy) -> tuple[str, ...] | None:
    found = remedied([text], remedies or tuple(Remedy), KNOWN).get(text)
    return (found[0], *found[1]) if found else None


@pytest.mark.parametrize(
    ("text", "known", "how"),
    [
        ("Active", "active", ["writing"]),
        ("onhold", "on hold", ["writing"]),
        ("closed-won", "Closed Won", ["writing"]),
        ("05", "5", ["writing"]),
        ("usa", "USA", ["writing"]),
        ("st louis", "St. Louis", ["writing"]),
        ("ab12", "AB-012", ["writing"]),
        ("123-45-6789", "123456789", ["writing"]),
        ("ACTIVE ", "active", ["trim", "writing"]),
        ("act\u200bive", "active", ["trim"]),
        ("ａctive", "active", ["width"]),
        ("MÃ¼nchen", "München", ["mojibake"]),
        ("MÃ¼nchn", "München", ["mojibake", "nearest"]),
        ("actve", "active", ["nearest"]),
        ("atcive", "active", ["nearest"]),
        ("xctive", "active", ["nearest"]),
        ("scip-ixf-1", "scip-inf-1", ["nearest"]),
    ],
)
def test_what_becomes_a_known_text(text: str, known: str, how: list[str]) -> None:
    assert becomes(text) == (known, *how)


@pytest.mark.parametrize(
    "text",
    ["inactive", "female", "mary", "2 years", "us", "US", "-5", "A-", "A+", "C++", "C#", "155",
     "610", "-05", "gone", "", "scip-inf-2", "20x years", "active"],
)  # fmt: skip
def test_what_is_left_alone(text: str) -> None:
    assert becomes(text) is None


def test_only_named_remedies_are_used() -> None:
    assert becomes("ACTIVE ", Remedy.TRIM) == ("ACTIVE", "trim")
    assert becomes("actve ", Remedy.TRIM, Remedy.WRITING) is None
    assert becomes("ACTIVE ", Remedy.NEAREST) == ("active", "nearest")


@pytest.mark.parametrize("text", ["10²", "½", "①", "ﬁne"])
def test_narrowing_changes_no_meaning(text: str) -> None:
    assert remedied([text], [Remedy.WIDTH]) == {}


def test_narrowing_knows_kana_and_digits() -> None:
    found = remedied(["１２３", "ｶﾞ"], [Remedy.WIDTH])
    assert [new for new, _ in found.values()] == ["123", "ガ"]


def test_damaged_text_whose_bytes_were_lost_is_left() -> None:
    assert remedied(["SlovenÄ\ufffdina"], [Remedy.MOJIBAKE]) == {}


@pytest.mark.skipif(not MOJIBAKE.exists(), reason="the shared data is not here")
def test_real_damaged_names() -> None:
    pairs = [(p["original"], p["fixed"]) for p in json.loads(MOJIBAKE.read_text("utf-8"))]
    whole = {old: new for old, new in pairs if "\ufffd" not in new and old != new}
    found = remedied([*whole], [Remedy.MOJIBAKE])
    assert {old: found[old][0] for old in whole} == whole
    assert remedied([*whole.values()], [Remedy.MOJIBAKE, Remedy.WIDTH, Remedy.TRIM]) == {}


def test_a_code_is_known_by_its_meaning_unless_two_codes_mean_it() -> None:
    meant = [("1", "credit card"), ("2", "cash"), ("3", "unknown"), ("4", "unknown")]
    known = known_of([code for code, _ in meant]).meaning(meant)
    found = remedied(["Credit Card", "CASH", "csah", "unknown", "cach1"], [*Remedy], known)
    assert {old: new for old, (new, _) in found.items()} == {
        "Credit Card": "1",
        "CASH": "2",
        "csah": "2",
    }
