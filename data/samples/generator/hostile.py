"""Small files that break readers. All have the layout of crm.contacts, so its contract fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generator.contacts import HEADER

_PEOPLE = ("Ana Silva", "Ben Weber", "Clara Moreau", "David Jensen", "Eva Lopes", "Filip Nowak")
_ENDINGS = ("\r\n", "\n", "\r", "\r\n", "\n", "\r", "")


@dataclass(frozen=True)
class Hostile:
    """A hostile file; all fields but `data` are the columns of `bad/expected.csv`.

    Attributes:
        outcome: `read` (records are accounted for), `delivery_error` (the file as a whole
            cannot be read) or `missing_columns` (it reads, but the contract's columns are not
            there: the delivery stops, no row is judged).
        records: data records that are judged, clean + held + refused; none unless `read`.
        codes: `record:code` of each refused record, separated by blanks.
        note: what is in it, and what must happen.
    """

    file: str
    outcome: str
    records: int
    clean: int
    held: int
    refused: int
    codes: str
    note: str
    data: bytes


def hostile_files() -> tuple[Hostile, ...]:
    """Every file of the folder `bad`."""
    head, rows = ",".join(HEADER), [_row(n) for n in range(6)]
    text = "\n".join([head, *rows, ""])
    return (
        _refused(
            "truncated_in_quotes.csv",
            ("open_quote",),
            "\n".join([head, *rows[:5], rows[5].split(",")[0] + ',"Fil']).encode(),
            "the transfer broke off inside a quoted cell of the last record",
            at=(6,),
        ),
        _refused(
            "open_quote.csv",
            ("open_quote",),
            _with(text, 2, ",Clara,", ',"Clara,'),
            "a quote is opened in record 3 and never closed: it must not swallow the rest",
            at=(3,),
        ),
        _refused(
            "stray_quote.csv",
            ("stray_quote", "stray_quote"),
            _with(_with(text, 1, ",Ben,", ',Ben "Benny" B,').decode(), 3, ",David,", ',"David" D,'),
            "a quote inside an unquoted cell, and text after a closing quote: a line each is lost",
            at=(2, 4),
        ),
        _refused(
            "ragged.csv",
            ("too_few_fields", "too_many_fields", "too_few_fields"),
            _with(
                _with(_with(text, 1, ",2025-03-02,", ",").decode(), 2, ",FR,", ",FR,FR,").decode(),
                4,
                rows[4],
                "C-900005",
            ),
            "one field missing, one too many, one field only",
            at=(2, 3, 5),
        ),
        _refused(
            "undecodable.csv",
            ("undecodable",),
            _with(text, 3, ",Jensen,", ",J\xe9nsen,", encoding="latin-1"),
            "one row was written in Latin-1: its é is no UTF-8; the other rows are read",
            at=(4,),
        ),
        _refused(
            "nul_byte.csv",
            ("nul_byte",),
            _with(text, 4, ",Lopes,", ",Lo\0pes,"),
            "a NUL byte inside a cell, where some readers end the text",
            at=(5,),
        ),
        _refused(
            "no_line_endings_but_cr.csv",
            (),
            text.replace("\n", "\r").encode(),
            "old Macintosh endings, carriage returns only: six records, not none",
        ),
        _refused(
            "mixed_endings.csv",
            (),
            "".join(map("".join, zip([head, *rows], _ENDINGS, strict=True))).encode(),
            "CRLF, LF and CR by turns, and no ending after the last record",
        ),
        _refused(
            "quoted_but_right.csv",
            (),
            b"\xef\xbb\xbf"
            + text.replace(",Ana,", ',"Ana ""Nina"", the first",')
            .replace(",Ben,", ',"Ben\nand\r\nCo",')
            .replace("\n" + rows[2], "\n\n" + rows[2])
            .encode(),
            "byte order mark, doubled quotes, commas and line ends inside quotes, a blank line "
            "between records: all of it is right, nothing is refused",
        ),
        Hostile(
            "formula.csv", "read", 6, 5, 1, 0, "",
            "record 2 has `=cmd|…` as a name and passes (text is text); record 3 has a formula "
            "as e-mail and is held (`str_matches`, `email`). Values stay as they came; exports "
            "to spreadsheets must defuse them",
            text.replace(",Ben,", ",=cmd|' /C calc'!A0,")
            .replace("clara.moreau@example.com", "=1+HYPERLINK(A1)")
            .encode(),
        ),
        Hostile(
            "header_only.csv", "read", 0, 0, 0, 0, "",
            "a header and nothing else: an extract of zero records, no error",
            (head + "\n").encode(),
        ),
        Hostile(
            "empty.csv", "delivery_error", 0, 0, 0, 0, "",
            "no bytes at all: there is not even a header", b"",
        ),
        Hostile(
            "utf16.csv", "delivery_error", 0, 0, 0, 0, "",
            "UTF-16 with a byte order mark: refused as a whole, naming the encodings we read",
            b"\xff\xfe" + text.encode("utf-16-le"),
        ),
        Hostile(
            "wrong_delimiter.csv", "missing_columns", 0, 0, 0, 0, "",
            "semicolons: it reads as one column; the error names the missing columns and the "
            "one that was found",
            text.replace(",", ";").encode(),
        ),
    )  # fmt: skip


def _row(n: int) -> str:
    first, last = _PEOPLE[n].split()
    cells: Mapping[str, str] = {
        "Contact ID": f"C-90000{n + 1}",
        "First Name": first,
        "Last Name": last,
        "E-mail": f"{first}.{last}@example.com".lower(),
        "Birthdate": f"198{n}-0{n + 1}-15",
        "Country": ("PT", "DE", "FR", "GB", "PT", "NL")[n],
        "Opted Out": "N",
        "Created Date": f"2025-03-0{n + 1}",
        "Account Balance": f"{n + 1}10.50",
    }
    return ",".join(cells.get(name, "") for name in HEADER)


def _with(text: str, row: int, old: str, new: str, encoding: str = "utf-8") -> bytes:
    """The file with `old` replaced in one row; it must be there, or the sample is void."""
    lines = text.split("\n")
    if old not in lines[row + 1]:
        raise ValueError(f"nothing to replace: {old!r} is not in {lines[row + 1]!r}")
    lines[row + 1] = lines[row + 1].replace(old, new)
    return "\n".join(lines).encode(encoding)


def _refused(
    file: str, codes: tuple[str, ...], data: bytes, note: str, at: tuple[int, ...] = ()
) -> Hostile:
    """A file of six records, all clean but for those refused."""
    refused = " ".join(f"{record}:{code}" for record, code in zip(at, codes, strict=True))
    return Hostile(file, "read", 6, 6 - len(at), 0, len(at), refused, note, data)
