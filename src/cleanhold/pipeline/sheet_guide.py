"""What the workbook of held rows tells the people who fill it in."""

from __future__ import annotations

TITLE = "Rows that were held back, for you to decide"

#: What to do, a step each.
STEPS = (
    "Look at the sheet 'cases' first: each of its lines is a group of rows with the same trouble. "
    "What you write there goes for all rows of the group.",
    "What differs from row to row is decided on the sheet that is called after the dataset: each "
    "line is one row. A line with a decision of its own goes before that of its case.",
    "Choose a decision from the list in its cell, and write the reason beside it, in your words.",
    "To correct, also write the right value into the yellow cell beside the wrong one. A white "
    "cell in such a column can be filled in too, if another value of that row is wrong.",
    "A striped cell says that something is missing there. Lines without a decision stay as they "
    "are: you can leave them for another day.",
    "Save the file under a name of your own and hand it back. To see what it would do: cleanhold "
    "quarantine import FILE --preview",
)

#: The decisions, and what becomes of a row.
DECISIONS = (
    (
        "correct",
        "The value is wrong, and you know the right one. The row is checked again with it.",
    ),
    ("waive", "The row may pass as it is until a day; write the last day under 'until (waive)'."),
    (
        "release",
        "The row is right as it is, and the check is wrong about it. It may pass for good.",
    ),
    ("reject", "The row will never be right. It is closed, and kept with your reason."),
    (
        "leave",
        "Nothing happens, whatever is decided about its case. An empty cell leaves it to the case.",
    ),
)

#: A line as it may look when it is filled in: heading → cell.
EXAMPLE = (
    ("why it is held", "country is England; it must be one of DE, FR, GB"),
    ("decision", "correct"),
    ("reason", "England is part of GB"),
    ("delivered: Country", "England"),
    ("correct: Country", "GB"),
)

#: What else is good to know.
NOTES = (
    "To correct to no value, write (empty). An empty yellow cell corrects nothing.",
    "Write values as the sender should have written them, such as dates in the way of the other "
    "dates of the column. The cells are text: 007 stays 007. If you paste, paste values only.",
    "Grey cells are as delivered, and locked. To sort, take the protection off (Review, Unprotect "
    "Sheet; there is no password). Lines may be sorted, filtered or deleted, columns may be moved "
    "and added; each line still knows its row. Keep the headings as they are.",
    "••• is a personal value that you need not see. It can be corrected or decided on like others.",
    "Whatever cannot be understood is told with its line, and nothing is done about it.",
    "The sheet 'refused' tells of records that could not be read as rows. There is nothing to fill "
    "in: the sender must deliver them again.",
)
