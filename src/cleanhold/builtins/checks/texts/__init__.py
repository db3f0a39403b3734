"""Checks of texts that a model reads, one family per file."""

from cleanhold.builtins.checks.texts.hidden import no_hidden_text, no_lookalike_letters
from cleanhold.builtins.checks.texts.injections import no_injection_phrases
from cleanhold.builtins.checks.texts.languages import in_language
from cleanhold.builtins.checks.texts.near_texts import no_near_duplicates
from cleanhold.builtins.checks.texts.personal import no_personal_data
from cleanhold.builtins.checks.texts.repetition import (
    mostly_letters,
    no_repeated_lines,
    no_repeated_phrases,
    no_shared_lines,
)
from cleanhold.builtins.checks.texts.residue import no_escapes, no_markdown, no_web_notices

__all__ = [
    "in_language",
    "mostly_letters",
    "no_escapes",
    "no_hidden_text",
    "no_injection_phrases",
    "no_lookalike_letters",
    "no_markdown",
    "no_near_duplicates",
    "no_personal_data",
    "no_repeated_lines",
    "no_repeated_phrases",
    "no_shared_lines",
    "no_web_notices",
]
