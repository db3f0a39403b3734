"""What a reader does not see in a text: characters that hide or reorder it, letters in disguise."""

from __future__ import annotations

import re
import unicodedata

import polars as pl

from cleanhold.builtins.checks.listing import listed
from cleanhold.builtins.checks.shapes import text_rule, whole
from cleanhold.core.rule import ColumnRule, Takes

#: Each of these is the inside of a character class, of code points, so that engines agree.
_BREAKS = r"\n\r\v\f\x{85}\x{2028}\x{2029}"
_JOINERS = r"\x{200C}\x{200D}"
_ISOLATES, _EMBEDDINGS, _OVERRIDES = r"\x{2066}-\x{2068}", r"\x{202A}\x{202B}", r"\x{202D}\x{202E}"
_BIDI = r"\x{202A}-\x{202E}\x{2066}-\x{2069}"
_MARKS = r"\x{61C}\x{200E}\x{200F}"
_TAGS, _FLAG = r"\x{E0000}-\x{E007F}", r"\x{1F3F4}"
_SELECTORS, _IDEOGRAPHIC = r"\x{FE00}-\x{FE0F}", r"\x{E0100}-\x{E01EF}"
#: Of no width, and of no use in any script: blanks, operators, fillers, annotations, U+FEFF.
_NOTHING = r"\x{180E}\x{2060}-\x{2065}\x{206A}-\x{206F}\x{3164}\x{FEFF}\x{FFA0}\x{FFF9}-\x{FFFB}"
_HIDDEN = rf"\x{{200B}}{_JOINERS}{_BIDI}{_MARKS}{_TAGS}{_SELECTORS}{_IDEOGRAPHIC}{_NOTHING}"

_PICTURES = r"\x{2190}-\x{27BF}\x{2B05}-\x{2B55}\x{1F000}-\x{1FAFF}"
_IN_PICTURES = rf"{_PICTURES}\x{{FE0F}}\x{{E007F}}"
#: Scripts whose letters change their form by joiners: Arabic to N'Ko, Indic, Mongolian and so on.
_JOINING = (
    r"\x{600}-\x{8FF}\x{900}-\x{DFF}\x{F00}-\x{109F}\x{1700}-\x{18AF}\x{1900}-\x{1CFF}"
    r"\x{A800}-\x{ABFF}\x{FB50}-\x{FDFF}\x{FE70}-\x{FEFC}\x{10A00}-\x{11FFF}"
)
#: Scripts without blanks between words, where a break of no width may stand.
_UNSPACED = r"\x{E00}-\x{109F}\x{1780}-\x{17FF}\x{1A00}-\x{1AAF}\x{A980}-\x{A9DF}"
_LEFTWARD = (
    r"\x{590}-\x{8FF}\x{FB1D}-\x{FDFF}\x{FE70}-\x{FEFC}\x{10800}-\x{10FFF}\x{1E800}-\x{1EFFF}"
)
_IDEOGRAPHS = r"\x{3400}-\x{9FFF}\x{F900}-\x{FAFF}\x{20000}-\x{3FFFD}"

_MISUSED = "|".join(
    (
        f"[{_OVERRIDES}{_NOTHING}]",
        rf"(?:\A|[^{_UNSPACED}])\x{{200B}}",
        rf"(?:\A|[^{_JOINING}])\x{{200C}}",
        rf"(?:\A|[^{_JOINING}{_IN_PICTURES}])\x{{200D}}",
        rf"[{_IN_PICTURES}]\x{{200D}}(?:\z|[^{_PICTURES}])",
        rf"(?:\A|[^{_FLAG}\x{{E0030}}-\x{{E0039}}\x{{E0061}}-\x{{E007A}}])[{_TAGS}]",
        rf"[{_FLAG}][\x{{E0020}}-\x{{E007E}}]{{1,6}}(?:\z|[^\x{{E0030}}-\x{{E0039}}\x{{E0061}}-\x{{E007F}}])",
        r"[\x{E0020}-\x{E007E}]{7}",
        rf"(?:\A|[A-Za-z \t{_BREAKS}{_SELECTORS}{_IDEOGRAPHIC}])[{_SELECTORS}]",
        rf"(?:\A|[^{_IDEOGRAPHS}])[{_IDEOGRAPHIC}]",
    )
)


def _closed(depth: int) -> str:
    """Text in which isolates and embeddings end on their line, so deep in each other at most."""
    plain = f"[^{_BREAKS}{_BIDI}]"
    inner = plain if depth == 1 else _closed(depth - 1)
    isolate = rf"[{_ISOLATES}](?:{inner})*\x{{2069}}"
    embedding = rf"[{_EMBEDDINGS}](?:{inner})*\x{{202C}}"
    return f"{plain}|{isolate}|{embedding}"


@listed(
    passes=["plain", "👩\u200d💻 ❤️ 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
            "می\u200cخواهم", "क्\u200dष", "ไทย\u200bไทย", "שלום\u200f!", "a \u2067בית\u2069 b"],
    fails=["pass\u200bword", "abc\u202etxt.exe", "hi\U000e0068\U000e0069", "a\ufe01\ufe0fb",
           "a\u2066b\nc", "a\u200db", "\ufefftext", "wide\u200f"],
)  # fmt: skip
def no_hidden_text() -> ColumnRule:
    """No characters that hide or reorder text: overrides of direction, isolates and embeddings
    that do not end on their line, tags, zero-width characters and variation selectors where no
    script or emoji uses them. What Arabic, Hebrew, Indic and South-East Asian writing and emoji
    need passes; `no_invisible_characters` is stricter. The finding shows them as `<U+202E>`.

    Sources: Boucher and Anderson, Trojan Source (2021); Unicode Technical Standard 51 (emoji and
    tag sequences), Unicode Standard 23.2 to 23.4 (joiners, selectors).
    """

    def judge(value: pl.Expr) -> pl.Expr:
        text = value.cast(pl.String)
        stray_mark = text.str.contains(f"[{_MARKS}]") & ~text.str.contains(f"[{_LEFTWARD}]")
        closed = whole(text, f"(?:{_closed(2)}|[{_BREAKS}])*")
        return ~text.str.contains(_MISUSED) & closed & ~stray_mark

    return ColumnRule(
        name="no_hidden_text",
        says="{column} is {value}, which has characters in it that hide or reorder text",
        judge=judge,
        takes=Takes.TEXT,
        shows=lambda value: value.cast(pl.String).map_batches(
            _made_visible, return_dtype=pl.String, is_elementwise=True
        ),
    )


_SEEN = re.compile("[" + re.sub(r"\\x\{([0-9A-F]+)\}", lambda m: chr(int(m[1], 16)), _HIDDEN) + "]")


def _made_visible(texts: pl.Series) -> pl.Series:
    def shown(text: str) -> str:
        return _SEEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)

    return pl.Series(texts.name, [t and shown(t) for t in texts], dtype=pl.String)


_LATIN = r"A-Za-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{24F}"
_CYRILLIC = r"\x{400}-\x{52F}"
_LIKE_LATIN = "АВЕЅІЈКМНОРСТУХҮҺԚԜӀаеорсухѕіјһԁԛԝӏ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο"
_LIKE_CYRILLIC = "ABCEHIJKMOPSTXYaceijopsxy"
_DISGUISED = (
    f"[{_LATIN}][{_LIKE_LATIN}]|[{_LIKE_LATIN}][{_LATIN}]"
    f"|[{_CYRILLIC}][{_LIKE_CYRILLIC}]|[{_LIKE_CYRILLIC}][{_CYRILLIC}]"
)


@listed(
    passes=["paypal", "Москва", "IT-отдел", "5 µm, 3 kΩ, TNFα", "Αθήνα", "naïve"],
    fails=["p\u0430ypal", "\u0410pple", "Мо\u0063ква", "G\u03bfogle"],
)
def no_lookalike_letters() -> ColumnRule:
    """No letters of one script that stand for those of another within a word: a Cyrillic or Greek
    `о` among Latin letters, or a Latin one among Cyrillic. Greek letters that look like no Latin
    one (`kΩ`, `TNFα`) pass.

    Source: Unicode Technical Standard 39 (mixed-script confusables), for Latin, Cyrillic and Greek.
    """
    rule = text_rule(
        "no_lookalike_letters",
        "has letters of two scripts that look alike in one word: {found}",
        lambda text: ~text.str.contains(_DISGUISED),
    )
    return rule.but(
        found=lambda value: (
            value.cast(pl.String)
            .str.extract(f"({_DISGUISED})")
            .map_batches(_spelled, return_dtype=pl.String, is_elementwise=True)
        )
    )


def _spelled(pairs: pl.Series) -> pl.Series:
    told = [p and " beside ".join(f"{c} ({unicodedata.name(c, '?')})" for c in p) for p in pairs]
    return pl.Series(pairs.name, told, dtype=pl.String)
