"""Text that was read in the wrong encoding: told, with what it seems to have been."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from cleanhold import checks, mojibake
from cleanhold.builtins.mojibake import repaired
from cleanhold.testing.check_suite import judge

#: Real pairs of damaged and mended names of languages, which nobody here wrote.
PAIRS = Path("/work/shared/data/text/mojibake_language_names.json")


def seen(text: str) -> bool:
    return not pl.DataFrame({"t": [text]}).select(mojibake("t")).item()


@pytest.mark.parametrize(
    ("damaged", "meant"),
    [("JosÃ©", "José"), ("SÃ˜REN", "SØREN"), ("itâ€™s", "it’s"), ("ÄŒeÅ¡tina", "Čeština"),
     ("LietuviÅ³", "Lietuvių"), ("Tiáº¿ng Viá»‡t", "Tiếng Việt"), ("Î•Î»Î»Î·Î½Î¹ÎºÎ¬", "Ελληνικά"),
     ("æ—¥æœ¬èªž", "日本語"), ("ÙˆÙƒÙŠÙ„", "وكيل"), ("å¥½ã€‚", "好。"), ("ã€‚", "。")],
)  # fmt: skip
def test_a_finding_says_what_it_was(damaged: str, meant: str, tmp_path: Path) -> None:
    assert seen(damaged)
    found = judge(checks.not_damaged(), pl.DataFrame({"value": [damaged]}), tmp_path)
    assert found.messages == [
        f"value is {damaged}, which was damaged on its way; it seems to have been {meant}"
    ]


@pytest.mark.parametrize(
    "text",
    ["CAFÉ”", "“café”…", "« voilà »", "též”", "«CAFÉ»", "É\u00a0x", "JOÃO", "GARÇON™", "naïve®",
     "à €5", "É»…", "Łódź", "“ÉTÉ”…", "Straße²", "MÜ – Ö", "Ærø", "Þórr", "ñandú’s", "日本",
     "ÀÈÌ", "ÐÞ", "D’État–Âge", "Ελλάς"],
)  # fmt: skip
def test_real_text_is_left_alone(text: str) -> None:
    assert not seen(text)


def test_what_cannot_be_told_stays_as_it_is() -> None:
    texts = pl.Series(["plain", "Jos\ufffd", None, ""])
    assert repaired(texts).to_list() == ["plain", "Jos\ufffd", None, ""]


@pytest.mark.skipif(not PAIRS.is_file(), reason="the shared data is not here")
def test_names_of_languages() -> None:
    pairs = json.loads(PAIRS.read_text(encoding="utf-8"))
    damaged = pl.Series([p["original"] for p in pairs])
    assert repaired(damaged).to_list() == [p["fixed"] for p in pairs]
    frame = pl.DataFrame({"t": damaged, "fixed": [p["fixed"] for p in pairs]})
    missed = frame.filter(mojibake("t"))["t"].to_list()
    # Bytes were lost before, or the encoding was that of DOS: no mark of cp1252 is in them.
    assert len(missed) <= 3
    assert frame.filter(~mojibake("fixed")).height == 0
