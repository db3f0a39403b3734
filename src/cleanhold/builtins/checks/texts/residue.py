"""What is left in a text of where it came from: escapes, Markdown, notices of web pages."""

from __future__ import annotations

from cleanhold.builtins.checks.conditions import literal
from cleanhold.builtins.checks.listing import listed
from cleanhold.builtins.checks.shapes import text_rule
from cleanhold.core.rule import ColumnRule
from cleanhold.errors import ContractError

#: A break or a quote behind a backslash, where no path has one: after a space or a stop, twice,
#: before a capital; a code behind one; quoted-printable; an address's `%20` outside of addresses.
_ESCAPES = "|".join(
    (
        r"(?:[.!?,;:)\"'\s]|\A)\\[nrt](?:[^a-z]|\z)",
        r"\\r?\\?n\\r?\\?n|\\r\\n",
        r"[^\\:/\s]\\n(?:[A-Z0-9\s\-*]|\z)",
        r"\\\"",
        r"\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\U0[0-9A-Fa-f]{7}",
        r"=(?:C2|C3|E2|3D|20)=[0-9A-F]{2}|=20(?:\n|\z)|=3D\"",
        r"(?:\A|\s)[^\s/:%=?&]*%(?:20|22|27|2C|3A|C3)",
    )
)
_MARKDOWN = "|".join(
    (
        r"(?:\A|\n)#{1,6} \S",
        r"\*\*[^*\s][^*\n]*\*\*|__[A-Za-z][^_\n]* [^_\n]*__",
        r"\[[^\]\n]+\]\((?:https?://|/|#|mailto:)[^)\n]*\)",
        r"(?:\A|\n)(?:```|~~~)",
        r"\|[ \t]*:?-{3,}:?[ \t]*\|",
    )
)
#: In lower case. The first line is of C4; the others say the same in other words and languages.
_NOTICES = (
    "lorem ipsum", "terms of use", "privacy policy", "cookie policy", "uses cookies",
    "use of cookies", "use cookies", "javascript must be enabled", "all rights reserved",
    "accept all cookies", "accept cookies", "please enable javascript", "enable javascript",
    "subscribe to our newsletter", "sign up for our newsletter", "click here to unsubscribe",
    "skip to main content", "skip to content", "[removed]", "[deleted]", "captcha",
    "verwendet cookies", "cookies akzeptieren", "alle rechte vorbehalten", "datenschutzerklärung",
    "newsletter abonnieren", "utilise des cookies", "accepter les cookies", "tous droits réservés",
    "politique de confidentialité", "utiliza cookies", "aceptar cookies", "aceptar las cookies",
    "todos los derechos reservados", "política de privacidad", "utilizza i cookie",
    "utilizza cookie", "accetta i cookie", "tutti i diritti riservati", "aceitar cookies",
    "todos os direitos reservados", "gebruikt cookies", "cookies accepteren",
    "alle rechten voorbehouden", "używa plików cookie", "wszelkie prawa zastrzeżone",
    "использует файлы cookie", "все права защищены",
)  # fmt: skip


@listed(
    passes=[r"C:\new\table", "50% of it", "https://a.org/a%20b?c=%22d%22", "a = b, 2 = 2", r"\o/"],
    fails=[r"Hello.\nSecond line", r"one\n\ntwo", r"caf\u00e9", r"she said \"no\"", "a%20b",
           "=C3=A9", r"first\r\nsecond", r"First line\nSecond line"],
)  # fmt: skip
def no_escapes() -> ColumnRule:
    r"""No escapes of JSON, of Python, of addresses or of e-mail that nobody undid: `\n`, `\"`,
    `\u00e9`, `%20`, `=C3=A9`. Paths and addresses pass.
    """
    return text_rule(
        "no_escapes",
        "has escapes in it that were not undone",
        lambda text: ~text.str.contains(_ESCAPES),
    )


@listed(
    passes=["2 * 3 * 4", "#1 in town", "[sic]", "snake_case and __init__", "a | b"],
    fails=["# Title", "this is **bold**", "see [here](https://a.org)", "```python\nx\n```",
           "|---|---|"],
)  # fmt: skip
def no_markdown() -> ColumnRule:
    """No Markdown: headings, bold words, links, fences of code, tables. For HTML see `no_markup`.

    Source: CommonMark 0.31.2, GitHub Flavored Markdown (tables).
    """
    return text_rule(
        "no_markdown", "has Markdown in it", lambda text: ~text.str.contains(_MARKDOWN)
    )


@listed(
    passes=["We baked cookies at home.", "The policy was private."],
    fails=["This site uses cookies.", "© 2024 Acme. All rights reserved.", "Lorem ipsum dolor",
           "[deleted]"],
)  # fmt: skip
def no_web_notices(*more: str) -> ColumnRule:
    """No notices that web pages have beside what they say: cookies, rights, newsletters, "enable
    JavaScript", lorem ipsum, in nine languages. A tripwire: texts *about* these notices fail, too.

    Source: Raffel et al., Exploring the Limits of Transfer Learning (C4, 2020), 2.2; widened.

    Args:
        more: phrases that are notices here; upper and lower case are alike.

    Raises:
        ContractError: a phrase is blank.
    """
    if blank := [phrase for phrase in more if not phrase.strip()]:
        raise ContractError(
            f"no_web_notices has the phrase {literal(repr(blank[0]))}, which every text has in it",
            next="write a phrase of some words, or none",
        )
    phrases = [*_NOTICES, *(phrase.lower() for phrase in more)]
    return text_rule(
        "no_web_notices",
        "has a notice of a web page in it",
        lambda text: ~text.str.to_lowercase().str.contains_any(phrases),
    )
