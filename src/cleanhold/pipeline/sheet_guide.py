"""What the workbook of held rows tells the people who fill it in, a line each."""

from __future__ import annotations

STEPS = (
    "Held rows of {dataset}, to be corrected",
    "One line of the sheet 'corrections' is one held row. Grey cells are as delivered, and locked.",
    "1. Choose a decision: correct, waive, reject, or leave (nothing happens).",
    "2. To correct: write the right value into the yellow cell of its column. An empty yellow cell "
    "corrects nothing; write (empty) for no value.",
    "3. To waive: write the last day of the waiver, like 2026-12-31, under 'until'.",
    "4. Write the reason. Every decision needs one.",
    "5. Save as .xlsx, and: cleanhold quarantine import FILE --preview",
    "Write into cells as they are: they are text, so 007 stays 007. A cell that the program turned "
    "into a number or a date is refused, not guessed.",
    "Personal values are shown as •••. They can be corrected all the same.",
    "The sheet 'refused' tells of records that could not become rows. It is not read back.",
)
