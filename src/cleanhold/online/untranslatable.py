"""What is left to Polars."""

from __future__ import annotations


class Untranslatable(Exception):
    """Something whose meaning in Python is not known to be the same; says what it is."""
