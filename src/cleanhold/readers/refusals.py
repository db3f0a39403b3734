"""Why a record could not become a row: stable codes, and words for people."""

from __future__ import annotations

from enum import IntEnum


class Refusal(IntEnum):
    """A verdict on one record. The code that files carry is the name in lower case."""

    NONE = 0
    TOO_LONG = 1
    OPEN_QUOTE = 2
    STRAY_QUOTE = 3
    NUL_BYTE = 4
    UNDECODABLE = 5
    TOO_FEW_FIELDS = 6
    TOO_MANY_FIELDS = 7
    WRONG_LENGTH = 8
    BAD_JSON = 9
    DUPLICATE_KEY = 10
    PARSER_DISAGREES = 11
    BAD_LENGTH = 40
    CUT_OFF = 41
    UNKNOWN_SEGMENT = 42
    BAD_COUNT = 43
    DELETED_RECORD = 50
    BAD_RECORD_FLAG = 51
    TRUNCATED_RECORD = 52
    EXCLUDED_ROW = 53
    BAD_XML = 12

    @property
    def code(self) -> str:
        return self.name.lower()


#: What each code says. `{count}` is what was found in the record, `{expected}` what the extract's
#: header or layout promises, `{encoding}` the declared encoding.
MESSAGES: dict[Refusal, str] = {
    Refusal.TOO_LONG: "a piece of a line (or of a run of blank lines) longer than 64 MiB",
    Refusal.OPEN_QUOTE: "a quote is opened and not closed so that a record of the right width ends",
    Refusal.STRAY_QUOTE: "a quote stands where none may: inside an unquoted field, or before more "
    "text after a closing quote",
    Refusal.NUL_BYTE: "the record contains a NUL byte",
    Refusal.UNDECODABLE: "the bytes are not valid {encoding}",
    Refusal.TOO_FEW_FIELDS: "{count} fields, {expected} expected",
    Refusal.TOO_MANY_FIELDS: "{count} fields, {expected} expected",
    Refusal.WRONG_LENGTH: "{count} characters, {expected} expected",
    Refusal.BAD_JSON: "the record is not one valid JSON object",
    Refusal.DUPLICATE_KEY: "the object has the same key twice",
    Refusal.PARSER_DISAGREES: "the parser did not read this record as one row",
    Refusal.BAD_LENGTH: "a record or block says that it has {count} bytes, which it cannot; what "
    "follows cannot be framed",
    Refusal.CUT_OFF: "the file ends {count} bytes into the record",
    Refusal.UNKNOWN_SEGMENT: "the segment id in {segment_field} is none of {segments}",
    Refusal.BAD_COUNT: "the count of an array ({count}) is none that it can have",
    Refusal.DELETED_RECORD: "the record is marked as deleted",
    Refusal.BAD_RECORD_FLAG: "the record's first byte is neither a blank nor a star",
    Refusal.TRUNCATED_RECORD: "{count} bytes, {expected} expected: the file was cut off, or bytes "
    "that are no record follow the last one",
    Refusal.EXCLUDED_ROW: "the source excludes it: {column} is {value}",
    Refusal.BAD_XML: "the XML cannot be read from here on: {why}",
}
