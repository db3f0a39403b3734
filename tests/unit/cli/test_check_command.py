from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

SAMPLES = Path(__file__).parents[3] / "data" / "samples"
CONTACTS = SAMPLES / "crm" / "contacts_2026-11-02.csv"
Run = Callable[..., Any]

CONTRACT = """
import pandera.polars as pa
from cleanhold import contract, field

@contract("shop.orders", version="1.2.0", key="id")
class Orders(pa.DataFrameModel):
    id: str = field(unique=True)
    amount: int = field(ge=0, nullable=True)
"""


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    file = tmp_path / "orders.py"
    file.write_text(CONTRACT)
    return file


def test_json_has_the_keys_it_promises(reference: Path, cleanhold: Run) -> None:
    contract = reference / "contracts" / "crm_contacts.py"
    said = cleanhold("check", CONTACTS, "--contract", contract, "--json")
    assert said.code == 1
    assert said.json.keys() == {
        "records", "clean", "held", "refused", "warned", "refusals", "checks", "contract",
        "version", "encoding", "notes", "dataset_findings", "files", "seconds",
    }  # fmt: skip
    assert (said.json["records"], said.json["clean"], said.json["held"]) == (903, 865, 38)
    assert said.json["contract"] == "crm.contacts"
    assert said.json["version"] == "1.0.0"
    for check in said.json["checks"]:
        assert check.keys() == {"check", "column", "severity", "failed", "warned", "skipped"}
    by_name = {(c["check"], c["column"]): c for c in said.json["checks"]}
    assert by_name["isin", "country"]["failed"] == 4
    assert by_name["mojibake", "last_name"] == {
        "check": "mojibake", "column": "last_name", "severity": "warn", "failed": 0,
        "warned": 4, "skipped": 0,
    }  # fmt: skip
    assert by_name["born_before_created", None]["skipped"] > 0


def test_the_encoding_used_is_told(orders: Path, cleanhold: Run, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_bytes("id,amount\né,1\n".encode("utf-16"))
    options = ("check", file, "-c", orders, "-o", "encoding=detect")
    assert cleanhold(*options, "--json").json["encoding"] == "utf-16-le"
    said = cleanhold(*options).out
    assert "read as utf-16-le" in said
    assert "note: the encoding was detected by its byte order mark: utf-16-le" in said


def test_files_have_the_schema_they_promise(
    reference: Path, cleanhold: Run, tmp_path: Path
) -> None:
    contract = reference / "contracts" / "crm_contacts.py"
    out = tmp_path / "made" / "here"
    said = cleanhold("check", CONTACTS, "-c", contract, "--out", out, "--json")
    assert set(said.json["files"]) == {"clean", "held", "warned", "refused"}
    header = CONTACTS.read_text(encoding="utf-8").splitlines()[0].replace('"', "").split(",")
    held = pl.read_parquet(out / "held.parquet")
    assert held.columns == ["row_id", "record", *header, "findings"]
    finding = dict.fromkeys(["check", "column", "value", "message", "severity"], pl.String)
    assert held.schema["findings"] == pl.List(pl.Struct(finding))
    assert held.schema["record"].is_integer()
    assert held.height == 38
    assert sorted(p.name for p in out.iterdir()) == [
        "clean.parquet", "held.parquet", "refused.parquet", "warned.parquet",
    ]  # fmt: skip


@pytest.mark.parametrize(("rows", "code"), [(["a,1"], 0), (["a,-1"], 1), (["a"], 1), ([], 0)])
def test_exit_codes(
    orders: Path, cleanhold: Run, tmp_path: Path, rows: list[str], code: int
) -> None:
    file = tmp_path / "x.csv"
    file.write_text("\n".join(["id,amount", *rows, ""]))
    assert cleanhold("check", file, "-c", orders).code == code


def test_a_warning_is_no_reason_to_exit_1(cleanhold: Run, tmp_path: Path) -> None:
    contract = tmp_path / "c.py"
    contract.write_text(CONTRACT.replace("ge=0", 'ge=0, severity="warn"'))
    file = tmp_path / "x.csv"
    file.write_text("id,amount\na,-1\n")
    said = cleanhold("check", file, "-c", contract, "--json")
    assert said.code == 0
    assert said.json["warned"] == 1


@pytest.mark.parametrize(
    "name",
    [
        "a b.csv",
        "[x]*?.csv",
        "{a,b}.csv",
        "new\nline.csv",
        "-dash.csv",
        "ünï.csv",
        "$(x).csv",
        "%s.csv",
    ],
)
def test_any_file_name(orders: Path, cleanhold: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("id,amount\na,1\n")
    (tmp_path / "decoy1.csv").write_text("id,amount\na,-1\n")
    for more in ([], ["--json"]):
        said = cleanhold("check", "-c", orders, *more, "--", tmp_path / name)
        assert said.code == 0


def test_a_name_that_is_no_text(orders: Path, tmp_path: Path) -> None:
    file = tmp_path / b"\xff\xfe.csv".decode("utf-8", "surrogateescape")
    file.write_text("id,amount\na,1\n")
    command = [sys.executable, "-m", "cleanhold", "check", str(file), "-c", str(orders)]
    for more in ([], ["--json"]):
        done = subprocess.run([*command, *more], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
    frame = file.with_suffix(".parquet")
    with frame.open("wb") as handle:
        pl.DataFrame({"id": ["a"], "amount": ["1"]}).write_parquet(handle)
    typed = subprocess.run(
        [*command[:4], str(frame), *command[5:]], capture_output=True, check=False
    )
    assert typed.returncode == 0, typed.stderr
    (tmp_path / "empty.csv").touch()
    missing = subprocess.run(
        [*command[:4], str(file) + "x", *command[5:], "--json"], capture_output=True, check=False
    )
    assert missing.returncode == 2
    json.loads(missing.stdout)


BAD_CALLS: list[tuple[list[str], int, str]] = [
    (["nope.csv", "-c", "{orders}"], 2, "there is no file nope.csv"),
    (["{tmp}", "-c", "{orders}", "-f", "csv"], 2, "there is no file"),
    (["{tmp}/x.csv", "-c", "nope.py"], 2, "there is no file"),
    (["{tmp}/x.csv", "-c", "{tmp}"], 2, "is a folder, not a file"),
    (["{tmp}/x.csv", "-c", "{orders}:Nobody"], 2, "no contract 'Nobody'"),
    (["{tmp}/x.csv", "-c", "{tmp}/x.csv"], 2, "not a Python file"),
    (["{tmp}/x.csv", "-c", "{orders}", "-f", "excell"], 2, "no format 'excell'"),
    (["{tmp}/x.csv", "-c", "{orders}", "-f", "fixed-width"], 2, "needs a layout"),
    (["{tmp}/x.csv", "-c", "{orders}", "-o", "delimiter"], 2, "is not NAME=VALUE"),
    (["{tmp}/x.csv", "-c", "{orders}", "-o", "=;"], 2, "is not NAME=VALUE"),
    (["{tmp}/x.csv", "-c", "{orders}", "-o", "quote=;;"], 2, "one character"),
    (["{tmp}/x.csv", "-c", "{orders}", "-o", "separator=;"], 2, "its options: delimiter"),
    (["{tmp}/x.csv", "-c", "{orders}", "-o", "encoding=klingon"], 2, "klingon"),
    (["{tmp}/x.csv", "-c", "{orders}", "-o", "skip_lines=-1"], 2, "whole number"),
    (["{tmp}/x.csv", "-c", "{orders}", "--out", "{orders}"], 2, "cannot take the results"),
    (["{tmp}/x.csv", "-c", "{orders}", "--out", "{orders}/deeper"], 2, "cannot take the results"),
    (["{tmp}/x.csv", "-c", "{orders}", "--reference", "a.b"], 2, "is not DATASET=FILE"),
    (["{tmp}/x.csv", "-c", "{orders}", "--reference", "a=nope.csv"], 2, "no such file"),
    (["{tmp}/x.csv", "-c", "{orders}", "--reference", "a={tmp}/b.parquet"], 2, "as Parquet"),
    (["{tmp}/x.csv", "-c", "{orders}", "--source", "nope.py"], 2, "there is no file"),
    (["{tmp}/x.csv", "-c", "{orders}", "--source", "{orders}"], 2, "has 0 sources"),
    (["{tmp}/x.csv", "-c", "{orders}", "--source", "{orders}:x", "-f", "csv"], 2, "--source says"),
    (["{tmp}/b.parquet", "-c", "{orders}"], 3, "b.parquet"),
    (["{tmp}/binary.csv", "-c", "{orders}"], 3, "binary.csv"),
    (["{tmp}/empty.csv", "-c", "{orders}"], 3, "empty.csv"),
    (["{tmp}/noending", "-c", "{orders}"], 2, "does not say what format"),
    (["{tmp}/x.csv"], 2, "--contract"),
    (["-c", "{orders}"], 2, "file"),
    (["{tmp}/x.csv", "-c", "{orders}", "--nope"], 2, "--nope"),
    (["{tmp}/x.csv", "more.csv", "-c", "{orders}"], 2, "more.csv"),
]


@pytest.mark.parametrize(("arguments", "code", "says"), BAD_CALLS)
def test_bad_calls_say_what_is_wrong(
    orders: Path, cleanhold: Run, tmp_path: Path, arguments: list[str], code: int, says: str
) -> None:
    (tmp_path / "x.csv").write_text("id,amount\na,1\n")
    (tmp_path / "noending").write_text("id,amount\na,1\n")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "b.parquet").write_bytes(b"PAR1 not really")
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)) * 20)
    given = [a.format(tmp=tmp_path, orders=orders) for a in arguments]
    said = cleanhold("check", *given)
    assert said.code == code
    assert not said.out
    assert says in said.err
    as_json = cleanhold("check", *given, "--json")
    assert as_json.code == code
    assert as_json.json["error"].keys() == {"type", "what", "where", "next"}
    assert not as_json.err


def test_a_result_that_cannot_be_put_down_is_said(
    orders: Path, cleanhold: Run, tmp_path: Path
) -> None:
    (tmp_path / "x.csv").write_text("id,amount\na,1\n")
    (tmp_path / "out" / "clean.parquet" / "x").mkdir(parents=True)
    said = cleanhold("check", tmp_path / "x.csv", "-c", orders, "--out", tmp_path / "out")
    assert said.code == 2
    assert "cannot take the results" in said.err


def test_what_a_contract_prints_does_not_break_json(
    cleanhold: Run, tmp_path: Path, orders: Path
) -> None:
    (tmp_path / "x.csv").write_text("id,amount\na,1\n")
    orders.write_text("print('hello')\n" + CONTRACT)
    said = cleanhold("check", tmp_path / "x.csv", "-c", orders, "--json")
    assert said.json["records"] == 1
    assert said.err == "hello\n"


def test_a_contract_that_exits_is_a_mistake(cleanhold: Run, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("id,amount\na,1\n")
    (tmp_path / "c.py").write_text("import sys\nsys.exit(0)\n")
    said = cleanhold("check", tmp_path / "x.csv", "-c", tmp_path / "c.py", "--json")
    assert said.code == 2
    assert said.json["error"]["where"].endswith("c.py:2")


@pytest.mark.parametrize(
    ("mistake", "line"),
    [("field(unnique=True)", 7), ("field(matches='[')", 7), ("undefined", 7)],
)
def test_mistakes_in_a_contract_name_file_and_line(
    cleanhold: Run, tmp_path: Path, mistake: str, line: int
) -> None:
    (tmp_path / "x.csv").write_text("id,amount\na,1\n")
    (tmp_path / "c.py").write_text(CONTRACT.replace("field(unique=True)", mistake))
    said = cleanhold("check", tmp_path / "x.csv", "-c", tmp_path / "c.py")
    assert said.code == 2
    assert f"c.py:{line}" in said.err
    assert "next:" in said.err


def test_options_of_formats(orders: Path, cleanhold: Run, tmp_path: Path) -> None:
    contract = tmp_path / "c.py"
    contract.write_text(CONTRACT.replace("amount: int = field(ge=0, nullable=True)", "name: str"))
    expected = {"id": ["a"], "name": ["é"]}
    cases: list[tuple[bytes, list[str]]] = [
        ("id;name\na;é\n".encode(), ["-o", "delimiter=;"]),
        ("id\tname\na\té\n".encode(), ["-o", "delimiter=tab"]),
        ("id\tname\na\té\n".encode(), ["-f", "tsv"]),
        ("id,name\na,é\n".encode("cp1252"), ["-o", "encoding=cp1252"]),
        ("a,é\n".encode(), ["-o", "header=id,name"]),
        ("junk\nid,name\na,é\n".encode(), ["-o", "skip_lines=1"]),
        (b'{"id": "a", "name": "\xc3\xa9"}\n', ["-f", "ndjson"]),
        ("aé\n".encode(), ["-f", "fixed-width", "-o", "layout=id:1:1,name:2:1"]),
    ]
    for number, (content, options) in enumerate(cases):
        file = tmp_path / f"{number}.csv"
        file.write_bytes(content)
        out = tmp_path / f"out{number}"
        said = cleanhold("check", file, "-c", contract, *options, "--out", out)
        assert said.code == 0, (options, said)
        clean = pl.read_parquet(out / "clean.parquet", columns=["id", "name"])
        assert clean.to_dict(as_series=False) == expected, options


@pytest.mark.parametrize("name", ["policies", "legacy.policies"])
def test_fixed_width_by_its_declared_source(reference: Path, cleanhold: Run, name: str) -> None:
    said = cleanhold(
        "check",
        SAMPLES / "legacy" / "policies_2026-11-02.txt",
        "--contract", reference / "contracts" / "legacy_policies.py",
        "--source", f"{reference / 'flows' / 'sources.py'}:{name}",
        "--json",
    )  # fmt: skip
    assert (said.json["records"], said.json["held"], said.json["refused"]) == (1293, 36, 4)


def test_a_file_of_several_sources_wants_a_name(reference: Path, cleanhold: Run) -> None:
    said = cleanhold(
        "check",
        SAMPLES / "legacy" / "policies_2026-11-02.txt",
        "--contract", reference / "contracts" / "legacy_policies.py",
        "--source", reference / "flows" / "sources.py",
    )  # fmt: skip
    assert said.code == 2
    assert "sources.py:crm.contacts" in said.err


def test_references_from_a_file(reference: Path, cleanhold: Run, tmp_path: Path) -> None:
    contract = reference / "contracts" / "crm_opportunities.py"
    file = SAMPLES / "crm" / "opportunities_2026-11-02.csv"
    unchecked = cleanhold("check", file, "-c", contract, "--json").json
    assert any("not checked" in note for note in unchecked["notes"])
    ids = tmp_path / "contacts.csv"
    ids.write_text("contact_id\nC-000001\n")
    said = cleanhold("check", file, "-c", contract, "--reference", f"crm.contacts={ids}", "--json")
    (check,) = (c for c in said.json["checks"] if c["check"] == "references")
    assert check["failed"] > 1000
    assert check["skipped"] == 0


def test_a_reference_table_without_the_column_is_said(
    reference: Path, cleanhold: Run, tmp_path: Path
) -> None:
    ids = tmp_path / "contacts.csv"
    ids.write_text("Contact ID\nC-000001\n")
    said = cleanhold(
        "check", SAMPLES / "crm" / "opportunities_2026-11-02.csv",
        "-c", reference / "contracts" / "crm_opportunities.py",
        "--reference", f"crm.contacts={ids}",
    )  # fmt: skip
    assert said.code == 2
    assert "contact_id" in said.err


def test_why_records_were_refused(orders: Path, cleanhold: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("id,amount\na\nb,1\nc,2,3\nd\n")
    asked = ("check", file, "-c", orders)
    few = {"code": "too_few_fields", "records": 2, "first": 1, "message": "1 fields, 2 expected"}
    many = {"code": "too_many_fields", "records": 1, "first": 3, "message": "3 fields, 2 expected"}
    assert cleanhold(*asked, "--json").json["refusals"] == [few, many]
    lines = [line.split() for line in cleanhold(*asked).out.splitlines()]
    assert [str(value) for value in few.values()] == [*lines[8][:3], " ".join(lines[8][3:])]
    file.write_text("id,amount\na,1\n")
    said = cleanhold(*asked).out
    assert "1 record in" in said
    assert "because" not in said


def test_people_see_counts_and_what_to_do(orders: Path, cleanhold: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("id,amount\na,1\nb,-1\nb,2\nc\n")
    said = cleanhold("check", file, "-c", orders)
    assert "x.csv against shop.orders 1.2.0: 4 records" in said.out
    lines = [line.split() for line in said.out.splitlines()]
    assert ["clean", "1", "25.0", "%"] in lines
    assert ["unique", "id", "2", "0", "0"] in lines
    assert "next: add --out DIR" in said.out
