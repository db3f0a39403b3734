"""Python as the formatter writes it, for drafts that need no formatting."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

#: Characters a line of a draft may have.
WIDTH = 100


def literal(text: str) -> str:
    """A text as Python has it, in double quotes unless that needs more escapes."""
    shown = ascii(text) if not text.isprintable() else repr(text)
    if shown.startswith("'") and '"' not in text:
        return '"' + shown[1:-1].replace("\\'", "'") + '"'
    return shown


def pattern(text: str) -> str:
    """A regular expression as a raw string."""
    return f'r"{text}"' if '"' not in text and not text.endswith("\\") else literal(text)


def sequence(texts: Sequence[str]) -> str:
    """A list of texts."""
    return f"[{', '.join(map(literal, texts))}]"


#: An argument of a call: its code, or `name=` and the items of a list.
Argument = str | tuple[str, Sequence[str]]


def call(before: str, name: str, arguments: Sequence[Argument], indent: int = 0) -> list[str]:
    """`before name(arguments)` on one line, or one argument a line where it is too long."""
    space = " " * indent
    line = f"{space}{before}{name}({', '.join(map(_on_one_line, arguments))})"
    if len(line) < WIDTH:  # a comma may follow
        return [line]
    lines = [f"{space}{before}{name}("]
    for argument in arguments:
        whole = f"{space}    {_on_one_line(argument)},"
        if len(whole) <= WIDTH or isinstance(argument, str):
            lines.append(whole)
        else:
            option, items = argument
            lines += [f"{space}    {option}[", *(f"{space}        {i}," for i in items)]
            lines.append(f"{space}    ],")
    return [*lines, f"{space})"]


def _on_one_line(argument: Argument) -> str:
    return argument if isinstance(argument, str) else f"{argument[0]}[{', '.join(argument[1])}]"


def comment(text: str, indent: int = 0) -> list[str]:
    """A comment, wrapped."""
    start = " " * indent + "# "
    plain = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return textwrap.wrap(
        plain,
        WIDTH,
        initial_indent=start,
        subsequent_indent=start,
        break_long_words=True,
        break_on_hyphens=False,
    )
