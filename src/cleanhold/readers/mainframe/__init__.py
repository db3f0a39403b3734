"""Mainframe records: COBOL copybooks, the bytes they describe, and how records are delimited.

The way of a record: `copybook_text` and `items` read the copybook, `layout` says where each field
lies, `record_formats` cuts the file into records, `judging` decides which of them are rows, and
`columns` reads their fields: `text`, `numbers` and `floats` turn bytes into text.
"""
