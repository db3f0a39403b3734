"""JSON documents in a column: where a schema is broken, in words, in batches and in the guard."""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path

import polars as pl
import pytest

import cleanhold
from cleanhold import checks, load_contract
from cleanhold.core.contract import Contract
from cleanhold.errors import ContractError
from cleanhold.testing.check_suite import judge as judged_alone

from .conftest import HEAD, Judge

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer"},
        "a/b~": {"prefixItems": [True, {"$ref": "#/$defs/code"}]},
    },
    "$defs": {"code": {"pattern": "^[A-Z]+$"}},
}
COLUMN = f"doc: str = field(nullable=True, checks=[checks.json_schema({SCHEMA!r})])"
DOCUMENTS = {
    '{"id": 1}': None,
    None: None,
    "{}": "at its top: 'id' is a required property",
    '{"id": "1"}': "at /id: '1' is not of type 'integer'",
    '{"id": 1, "a/b~": [0, "x"]}': "at /a~1b~0/1: 'x' does not match '^[A-Z]+$'",
    "{oops": "for it is not JSON",
    '{"id": 1e999}': "for it is not JSON",
    "[" * 20_000 + "]" * 20_000: "for it is not JSON",
}
SAID = [f"doc does not fit its JSON schema, {what}" for what in DOCUMENTS.values() if what]


def test_the_sentence_says_where_and_what(judge: Judge) -> None:
    found = judge(COLUMN, pl.DataFrame({"doc": list(DOCUMENTS)}))
    assert found.messages == SAID
    assert found.records == ([1, 2], [3, 4, 5, 6, 7, 8])


def test_numbers_and_names_that_python_cannot_take_are_findings(judge: Judge) -> None:
    schema = {"additionalProperties": {"multipleOf": 0.5}}
    documents = [f'{{"n": {"1" * 400}}}', '{"\\ud800": 0.3}', '{"n": 1.5}']
    found = judge(
        f"doc: str = field(checks=[checks.json_schema({schema})])", pl.DataFrame({"doc": documents})
    )
    assert found.messages == [
        "doc does not fit its JSON schema, for it has a number that is too large to be judged",
        "doc does not fit its JSON schema, at /\\ud800: 0.3 is not a multiple of 0.5",
    ]


def test_a_guard_says_the_same(tmp_path: Path) -> None:
    file = tmp_path / "c.py"
    file.write_text(
        f'{HEAD}@contract("a.b", version="1")\nclass A(pa.DataFrameModel):\n    {COLUMN}\n'
    )
    guard = cleanhold.guard(str(file))
    told = [f.message for text in DOCUMENTS for f in guard.check({"doc": text}).findings]
    assert told == SAID
    together = guard.check_batch([{"doc": text} for text in DOCUMENTS])
    assert [f.message for verdict in together for f in verdict.findings] == SAID


def test_what_is_wrong_with_a_personal_value_is_not_shown(judge: Judge) -> None:
    contract = COLUMN.replace("nullable", "pii='direct', nullable")
    found = judge(contract, pl.DataFrame({"doc": ['{"id": "secret"}']}))
    assert found.messages == ["doc does not fit its JSON schema, •••"]


def test_each_column_of_a_pattern_is_told_of_itself(judge: Judge) -> None:
    contract = COLUMN.replace("nullable", "alias='d_[0-9]', regex=True, nullable")
    found = judge(contract, pl.DataFrame({"d_1": ["{}"], "d_2": ['{"id": 1}']}))
    assert found.messages == ["d_1 does not fit its JSON schema, " + DOCUMENTS["{}"]]


def test_a_column_called_found_does_no_harm(judge: Judge) -> None:
    frame = pl.DataFrame({"doc": ["{}"], "found": ["kept"]})
    found = judge(f"{COLUMN}\nfound: str", frame)
    assert found.messages == ["doc does not fit its JSON schema, " + DOCUMENTS["{}"]]
    assert found.held["found"].to_list() == ["kept"]


def test_older_drafts_are_judged_by_their_own_words(tmp_path: Path) -> None:
    """`divisibleBy` is a keyword of draft 3 alone."""
    table = pl.DataFrame({"value": ["3", "4"]})
    old = {"$schema": "http://json-schema.org/draft-03/schema#", "divisibleBy": 2}
    assert judged_alone(checks.json_schema(old), table, tmp_path).held == (True, False)
    new = {"divisibleBy": 2}
    assert judged_alone(checks.json_schema(new), table, tmp_path).held == (False, False)


def test_a_schema_is_read_beside_the_contract(judge: Judge, tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "order.json").write_text(json.dumps(SCHEMA))
    contract = "doc: str = field(checks=[checks.json_schema('schemas/order.json')])"
    assert judge(contract, pl.DataFrame({"doc": ['{"id": 1}', "{}"]})).records == ([1], [2])


def test_a_fingerprint_is_that_of_the_schema(tmp_path: Path) -> None:
    """Not of the code around it, which names where packages are installed."""

    def declared(schema: object) -> Contract:
        file = tmp_path / "c.py"
        model = f'@contract("a.b", version="1")\nclass A(pa.DataFrameModel):\n    {COLUMN}\n'
        file.write_text(HEAD + model.replace(repr(SCHEMA), repr(schema)))
        return load_contract(str(file))

    one = declared({"type": "object", "required": ["id"]})
    assert one.checks[-1].code == '{"required": ["id"], "type": "object"}'
    assert one.fingerprint() == declared({"required": ["id"], "type": "object"}).fingerprint()
    assert one.fingerprint() != declared({"required": ["no"], "type": "object"}).fingerprint()


def test_a_rule_can_be_sent_to_another_process() -> None:
    rule = checks.json_schema(SCHEMA)
    judge = pickle.loads(pickle.dumps(rule.judge(pl.col("a"))))
    frame = pl.DataFrame({"a": ["{}", '{"id": 1}']})
    assert frame.select(judge)["a"].to_list() == [False, True]


WRONG = {
    "no keyword's value": ({"items": [{"type": "objekt"}]}, "wrong at /items"),
    "no pattern": ({"pattern": "("}, "wrong at /pattern: '.' is not"),
    "not in it": ({"items": {"$ref": "#/$defs/nope"}}, "refers to '.*nope', which is not in it"),
    "elsewhere": ({"$ref": "https://example.org/s.json"}, "refers to 'https://example.org/s.json'"),
    "no dialect": ({"$schema": "https://example.org/mine"}, "is no JSON Schema that is known"),
    "no JSON": ({"const": {1, 2}}, "cannot be written as JSON"),
    "no file": ("nowhere.json", r"nowhere\.json cannot be read: No such file"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_schema_is_refused_at_load(case: str, judge: Judge) -> None:
    schema, what = WRONG[case]
    contract = f"doc: str = field(checks=[checks.json_schema({schema!r})])"
    with pytest.raises(ContractError, match=what) as caught:
        judge(contract, pl.DataFrame({"doc": ["{}"]}))
    assert re.search(r"c\.py:\d+", caught.value.where or "")
    assert caught.value.next


@pytest.mark.parametrize(
    ("written", "what"), [("{", "is not JSON"), ("[1]", "is an object"), ("7", "is an object")]
)
def test_a_file_that_is_no_schema_is_refused(
    written: str, what: str, judge: Judge, tmp_path: Path
) -> None:
    (tmp_path / "s.json").write_text(written)
    with pytest.raises(ContractError, match=what):
        judge("a: str = field(checks=[checks.json_schema('s.json')])", "a\n1\n")
