"""Text extracts in dialects and encodings of their own: the same people, from other systems."""

from __future__ import annotations

from random import Random

_CITIES = ("Köln", "Zürich", "Århus", "Łódź", "São Paulo", "東京", "大阪")
_REMARKS = ("", "pays late", 'said "call back"', "C:\\letters", "two\nlines", "a, b; c")


def people() -> list[tuple[str, str, str]]:
    """Person, city and remark."""
    chance = Random("text formats")
    return [
        (f"P-{number:05}", chance.choice(_CITIES), chance.choice(_REMARKS))
        for number in range(1, 41)
    ]


def text_format_files() -> dict[str, bytes]:
    """Path below the samples → bytes."""
    rows = people()
    western = [row for row in rows if row[1] not in ("東京", "大阪", "Łódź")]
    eastern = [row for row in rows if row[1] in ("東京", "大阪")]
    head = ("person", "city", "remark")
    return {
        "formats/people_utf16.csv": _quoted(head, rows, ",").encode("utf-16"),
        "formats/people_escaped.txt": "".join(
            ";".join(map(_escaped, row)) + "\n" for row in (head, *rows)
        ).encode(),
        "formats/people_trailer.txt": (
            "HDR~|~people\n# every night\n"
            + "".join("~|~".join(row[:2]) + "\n" for row in (head, *rows))
            + f"TRL~|~{len(rows):06}\n"
        ).encode(),
        "formats/people_cp932.csv": _quoted(head, eastern, "|").encode("cp932"),
        "formats/people_ebcdic.txt": "".join(
            f"{person}{city:<12}\x85" for person, city, _ in western
        ).encode("cp1140"),
    }


def _quoted(head: tuple[str, ...], rows: list[tuple[str, str, str]], delimiter: str) -> str:
    lines = (delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    return delimiter.join(head) + "\r\n" + "".join(line + "\r\n" for line in lines)


def _escaped(cell: str) -> str:
    for mark in ("\\", ";", '"', "\n"):
        cell = cell.replace(mark, "\\" + mark)
    return cell
