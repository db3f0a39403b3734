"""What stays with Polars."""

from __future__ import annotations


class Untranslatable(Exception):
    """Something whose meaning in another language is not known to be the same; says what it is."""
