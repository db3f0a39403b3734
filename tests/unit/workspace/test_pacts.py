"""What pacts say, what of them is refused, and that a mistake in one takes nothing from others."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cleanhold import Workspace
from cleanhold.core.pact import Need, Pact, Unmet
from cleanhold.errors import CleanholdError, ContractError, UsageError
from cleanhold.workspace.doctor import examine
from cleanhold.workspace.pacts import Pacts
from cleanhold.workspace.symptom import Health

PACT = """
from datetime import date
from decimal import Decimal
from typing import Any
import polars as pl
from cleanhold import need, pact

@pact({consumer!r}, needs="shop.orders", owner="scores@example.org"{terms})
class Scores:
    \"\"\"Scores orders.\"\"\"

    {body}
"""


def declare(small: Any, body: str = "id: str", terms: str = "", consumer: str = "scores") -> Path:
    text = PACT.format(consumer=consumer, terms=terms and f", {terms}", body=body)
    return Path(small.write(f"contracts/pacts/{consumer.replace('-', '_')}.py", text))


def pacts(small: Any) -> Pacts:
    return Workspace.find(small.root).pacts


def only(small: Any) -> Pact:
    found = pacts(small)
    assert not found.mistakes
    (pact,) = found.declared
    return pact


def test_a_pact_is_a_class_of_columns(small: Any) -> None:
    body = """id: str
    amount: int | None = need(drift=0.3)
    note: str = need(nulls="5%", name="Note of it")
    other: Any = need(drift=True)
    exact: pl.Int32
    when: pl.Datetime("us")"""
    file = declare(
        small.contract(),
        body,
        "rows=10, freshness='26h', never_older='7d', snapshots=(3, None), baseline=2",
    )
    pact = only(small)
    assert (pact.consumer, pact.dataset) == ("scores", "shop.orders")
    assert pact.owner == "scores@example.org"
    assert pact.description == "Scores orders."
    assert pact.where == f"{file}:8"
    assert (pact.rows, pact.baseline, pact.snapshots) == (10, 2, (3, None))
    assert (pact.freshness, pact.never_older) == (timedelta(hours=26), timedelta(days=7))
    assert pact.unmet is Unmet.LAST_GOOD
    assert pact.columns == ["id", "amount", "Note of it", "other", "exact", "when"]
    limits = [(need.nulls, need.drift) for need in pact.needs]
    assert limits == [(0.0, None), (None, 0.3), (0.05, None), (0.0, True), (0.0, None), (0.0, None)]
    assert [pact.reads(number) for number in (2, 3, 99)] == [False, True, True]


def test_types_are_those_of_python_or_of_polars() -> None:
    assert Need("x", (pl.String, pl.Enum), "str").takes(pl.Enum(["a"]))
    assert not Need("x", (pl.Datetime("us"),), "datetime").takes(pl.Datetime("ms"))
    assert Need("x").takes(pl.List(pl.Int8))


def test_columns_come_from_the_classes_above_too(small: Any) -> None:
    file = declare(small.contract(), "id: str\n    amount: int = need(nulls=0.5)")
    with file.open("a") as text:
        text.write('@pact("other", needs="shop.orders")\nclass Other(Scores):\n    note: str\n')
    scores, other = pacts(small).declared
    assert scores.columns == ["id", "amount"]
    assert other.columns == ["id", "amount", "note"]
    assert other.needs[1].nulls == 0.5


@pytest.mark.parametrize(
    ("body", "terms", "what", "remedy"),
    [
        ("id: str", "row=3", "unknown option 'row'", "did you mean 'rows'"),
        ("id: str", "rows=(3, None)", "not a number of rows", "rows=1_000"),
        ("id: str", "freshness='soon'", "freshness='soon' is not a duration", "'26h'"),
        ("id: str", "freshness='2d', never_older='1d'", "less than", "the longer one"),
        ("id: str", "never_older='1d'", "there is none", "write both"),
        ("id: str", "freshness='1d', never_older='2d', unmet='refuse'", "gives none", "leave"),
        ("id: str", "snapshot=3, freshness='2d'", "only gets older", "leave freshness out"),
        ("id: str", "snapshot=0", "not the number of a snapshot", "snapshot=12"),
        ("id: str", "snapshots=(5, 3)", "no number is between", "snapshots=(3, 5)"),
        ("id: str", "snapshots=5", "the first and the last", "(12, None)"),
        ("id: str", "snapshot=2, snapshots=(1, 5)", "both", "keep one"),
        ("id: str", "unmet='lastgood'", "not known", "last_good"),
        ("id: complex", "", "complex, which no column has", "pl.Int64"),
        ("id: str | int", "", "which no column has", "use one of str"),
        ("id: 'Strung'", "", "cannot be read", "spelling"),
        ("pass", "", "names no column", "contact_id: str"),
        ("id: str = 3", "", "does not say what is needed", "need("),
        ("id = need(nulls=0.1)", "", "id has no type", "id: str"),
        ("id: str = need(nulls='105%')", "", "not a share", "between 0 and 100 %"),
        ("id: str = need(drift=-1)", "", "no limit", "drift=True"),
        ("id: str = need('5%')", "", "does not say what that is", "need(nulls="),
        ("id: str = need(null='5%')", "", "unknown option 'null'", "nulls"),
        ("id: str\n    x: str = need(name='id')", "", "needed twice", "once"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    small: Any, body: str, terms: str, what: str, remedy: str
) -> None:
    file = declare(small.contract(), body, terms)
    (mistake,) = pacts(small).mistakes
    assert isinstance(mistake, ContractError)
    assert what in mistake.what
    assert str(file) in str(mistake.where)
    assert remedy in str(mistake.next)


def test_two_pacts_of_one_name_both_do_not_count(small: Any) -> None:
    declare(small.contract())
    again = small.root / "contracts" / "pacts" / "again.py"
    again.write_text((small.root / "contracts" / "pacts" / "scores.py").read_text())
    found = pacts(small)
    assert found.declared == ()
    (mistake,) = found.mistakes
    assert "two pacts of scores" in mistake.what
    assert "again.py" in str(mistake.where)
    assert "scores.py" in str(mistake.where)


def test_a_mistake_takes_nothing_from_others(small: Any, caplog: pytest.LogCaptureFixture) -> None:
    declare(small.contract())
    small.write("contracts/pacts/broken.py", "from cleanhold import pact\n\nx = yy\n")
    small.write("contracts/pacts/empty.py", "")
    small.deliver("01", "a,1,")
    with caplog.at_level(logging.WARNING):
        assert small.states() == ["published"]
    assert "broken.py:3" in caplog.text
    found = pacts(small)
    assert found.pact("shop.orders", "scores")
    assert [m.what[:8] for m in found.mistakes] == ["the file", "the file"]
    with pytest.raises(CleanholdError, match="yy"):
        found.pact("shop.orders", "other")  # it may be the one with the mistake


def test_a_pact_that_is_not_there(small: Any) -> None:
    declare(small.contract())
    with pytest.raises(UsageError, match="did you mean 'scores'"):
        pacts(small).pact("shop.orders", "score")
    with pytest.raises(UsageError, match=r"has one of shop\.orders"):
        pacts(small).pact("shop.items", "scores")


def test_the_doctor_finds_what_no_contract_has(small: Any) -> None:
    declare(small.contract(), "id: int\n    amont: int")
    file = declare(small, consumer="elsewhere")
    file.write_text(file.read_text().replace("shop.orders", "shop.order"))
    declare(small, consumer="nobody", terms="rows=1")
    file = small.root / "contracts" / "pacts" / "nobody.py"
    file.write_text(file.read_text().replace("scores@example.org", ""))
    found = [s for s in examine(small.root) if s.topic == "pacts"]
    told = [(s.health, s.says.partition(" (")[0].removeprefix("the pact of ")) for s in found]
    assert told == [
        (Health.CONFIGURATION, "elsewhere needs 'shop.order', which no contract is for"),
        (Health.CONFIGURATION, "scores cannot be met: in shop.orders id is String, not int"),
        (Health.CONFIGURATION, "scores cannot be met: in shop.orders there is no column 'amont'"),
        (Health.WARN, "nobody has no owner"),
    ]  # fmt: skip
    assert "did you mean 'shop.orders'" in found[0].mend


def test_contracts_are_no_pacts(small: Any) -> None:
    declare(small.contract())
    workspace = Workspace.find(small.root)
    assert list(workspace.catalogue.contracts) == ["shop.orders"]
    (symptom,) = [s for s in examine(small.root) if s.topic == "pacts"]
    assert (symptom.health, symptom.says) == (Health.OK, "1 in contracts/pacts/")


def test_the_guide_is_true(ran: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = Path(__file__).parents[3] / "docs" / "pacts.md"
    text = guide.read_text(encoding="utf-8")
    written, read, asked = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (ran / "contracts" / "pacts" / "churn_model.py").write_text(written)
    monkeypatch.chdir(ran)
    names: dict[str, Any] = {}
    exec(compile(read + asked, str(guide), "exec"), names)
    assert names["frame"].collect().columns == ["contact_id", "country", "tenure_days", "age_years"]
    assert (names["found"].snapshot.number, names["found"].reasons) == (1, ())
