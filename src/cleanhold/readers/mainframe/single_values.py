"""One field of one record as a Python value: counts of arrays, lengths of records, segment ids.

Asked once per different content, not once per record.
"""

from __future__ import annotations

import numpy as np

from cleanhold.readers.mainframe.columns import Coding, column
from cleanhold.readers.mainframe.items import Item


def text_of(item: Item, content: bytes, coding: Coding) -> str | None:
    """A field's text without blanks around it; None if it has no value or cannot be read."""
    field = np.frombuffer(content, dtype=np.uint8)[None, :]
    text = column(item, field, np.array([len(content)]), coding)[0]
    return text if text is None else str(text).strip(" \0")


def whole_number(item: Item, content: bytes, coding: Coding) -> int | None:
    """A field's number, or None if it is no whole number that is not negative."""
    text = text_of(item, content, coding)
    return int(text) if text and text.isascii() and text.isdigit() else None
