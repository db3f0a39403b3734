"""Settings, and what a workspace declares: found, put in order, held against each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.errors import ConfigurationError, UsageError, WorkspaceError
from cleanhold.workspace.catalogue import load_source
from cleanhold.workspace.settings import Settings, find_root, read_settings

FEATURE = """
import polars as pl
from cleanhold import feature

@feature("{made}", {inputs})
def build({names}) -> pl.LazyFrame:
    return {first}
"""


def feature(made: str, *inputs: str) -> str:
    names = [f"t{number}" for number, _ in enumerate(inputs)]
    pairs = ", ".join(f"{n}={i!r}" for n, i in zip(names, inputs, strict=True))
    return FEATURE.format(made=made, inputs=pairs, names=", ".join(names), first=names[0])


def test_settings_have_defaults(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.cleanhold]\n")
    assert read_settings(tmp_path) == Settings()
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert find_root(tmp_path / "a" / "b") == tmp_path.resolve()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[tool.cleanhold]\nstat = 'x'", "did you mean 'state'?"),
        ("[tool.cleanhold]\nzzz = 'x'", "use anchor, contracts, features"),
        ("[tool.cleanhold]\nstate = 1", "must be a text, not 1"),
        ("[tool.cleanhold]\nstate = ''", "must be a text"),
        ("[tool.cleanhold", "not valid TOML"),
        ("[tool.cleanhold]\nstate = '\\u0000", "not valid TOML"),
        ("[project]\nname = 'x'", "no [tool.cleanhold]"),
    ],
)
def test_mistaken_settings(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(WorkspaceError) as raised:
        read_settings(tmp_path)
    assert says in str(raised.value)


def test_a_file_that_a_setting_names_must_be_there(small: Any) -> None:
    small.write("pyproject.toml", '[tool.cleanhold]\nsources = "flows/sauces.py"\n')
    with pytest.raises(ConfigurationError, match=r"sauces\.py"):
        _ = Workspace.find(small.root).catalogue


def test_the_reference_workspace_is_put_in_order(reference: Path) -> None:
    catalogue = Workspace.find(reference).catalogue
    sources = list(catalogue.sources)
    assert sources.index("crm.contacts") < sources.index("crm.opportunities")
    assert list(catalogue.features) == ["features.customer_churn"]


def test_features_come_after_the_features_they_read(small: Any) -> None:
    small.contract().contract("features.b", load="replace").contract("features.a", load="replace")
    small.write(
        "flows/features.py",
        feature("features.a", "features.b")
        + feature("features.b", "shop.orders").replace("def build", "def other"),
    )
    assert list(Workspace.find(small.root).catalogue.features) == ["features.b", "features.a"]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (
            {"flows/sources.py": "from cleanhold import Source, delimited\n"
             "a = Source('x', 'in', '*', delimited(), 'shop.orders')\n"
             "b = Source('x', 'in', '*', delimited(), 'shop.orders')\n"},
            "two sources are called 'x'",
        ),
        (
            {"flows/sources.py": "from cleanhold import Source, delimited\n"
             "a = Source('shop.order', 'in', '*', delimited())\n"},
            "there is no contract for 'shop.order'",
        ),
        (
            {"flows/sources.py": "from cleanhold import Source, delimited\n"
             "a = Source('x', 'in', '*', delimited(), dated='(')\n"},
            "not a regular expression",
        ),
        (
            {"flows/sources.py": "from cleanhold import Source, delimited\n"
             "a = Source('x', 'in', 'a', delimited(), 'shop.whole')\n"
             "b = Source('y', 'in', 'b', delimited(), 'shop.whole')\n"},
            "shop.whole would be replaced by each of 2 in turn",
        ),
        ({"flows/features.py": feature("features.t", "shop.nothing")}, "'shop.nothing'"),
        ({"flows/features.py": feature("features.nothing", "shop.orders")}, "'features.nothing'"),
        ({"flows/features.py": feature("shop.orders", "shop.whole")}, "load='replace'"),
        ({"flows/features.py": feature("shop.whole", "shop.whole")}, "in a circle"),
        (
            {"flows/features.py": feature("features.t", "shop.orders").replace("(t0", "(x")},
            "the parameters of build are x",
        ),
        (
            {"contracts/again.py": "from cleanhold import contract, field\n"
             "import pandera.polars as pa\n@contract('shop.orders', version='1')\n"
             "class Again(pa.DataFrameModel):\n    id: str\n"},
            "two contracts are for the dataset 'shop.orders'",
        ),
        (
            {"contracts/more.py": "from cleanhold import contract, field\n"
             "import pandera.polars as pa\n@contract('shop.more', version='1')\n"
             "class More(pa.DataFrameModel):\n"
             "    id: str = field(references='shop.nowhere.id')\n"},
            "no such dataset",
        ),
        (
            {"contracts/more.py": "from cleanhold import contract, field\n"
             "import pandera.polars as pa\n@contract('shop.more', version='1')\n"
             "class More(pa.DataFrameModel):\n"
             "    id: str = field(references='shop.orders.idd')\n"},
            "no such column",
        ),
        ({"lineage/naming.py": "named = 1"}, "declares no `naming`"),
    ],
)  # fmt: skip
def test_mistakes_say_what_and_where(small: Any, files: dict[str, str], says: str) -> None:
    small.contract().contract("shop.whole", load="replace")
    small.contract("features.t", load="replace")
    small.write("flows/sources.py", "")
    for name, text in files.items():
        small.write(name, text)
    workspace = Workspace.find(small.root)
    with pytest.raises(ConfigurationError) as raised:
        _ = workspace.catalogue, workspace.naming
    assert says in str(raised.value)
    assert raised.value.next


def test_sources_by_variable_by_name_and_in_lists(small: Any) -> None:
    file = small.write(
        "flows/sources.py",
        "from cleanhold import Source, delimited\n"
        "one = Source('the.one', 'in', '*', delimited(';'))\n"
        "more = [Source('the.two', 'in', '*', delimited('|'))]\n",
    )
    assert load_source(f"{file}:one").name == "the.one"
    assert load_source(f"{file}:the.one").name == "the.one"
    assert load_source(f"{file}:the.two").reader.describe()["delimiter"] == "|"
    for spec in (str(file), f"{file}:three", f"{file}:more"):
        with pytest.raises(ConfigurationError, match=r"sources\.py:the\.one"):
            load_source(spec)


def test_unknown_sources_are_refused_before_anything_runs(small: Any) -> None:
    small.contract().deliver("02", "a,1,")
    with pytest.raises(UsageError, match=r"use one of shop\.orders"):
        small.run("shop.order")
    assert not (small.root / ".cleanhold").exists()
