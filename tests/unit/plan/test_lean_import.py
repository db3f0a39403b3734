"""pandera is imported without pandas, and is whole again for who asks for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

LEAN = """
import sys
from cleanhold.plan.lean_import import import_pandera
import_pandera()
import pandera.polars as pa
import polars as pl
assert "pandas" not in sys.modules and "hypothesis" not in sys.modules

class Contract(pa.DataFrameModel):
    a: int = pa.Field(ge=0)
"""

USES = {
    "nothing": "",
    "its pandas part": """
import pandera.pandas as pp
class Other(pp.DataFrameModel):
    a: int = pp.Field(ge=0)
""",
    "its types": """
from pandera.typing import Series
import pandera.pandas as pp
class Other(pp.DataFrameModel):
    a: Series[int] = pp.Field(ge=0)
""",
    "its top": """
import warnings
warnings.simplefilter("ignore")
import pandera as pp
class Other(pp.DataFrameModel):
    a: pp.typing.Series[int] = pp.Field(ge=0)
""",
}

JUDGE = """
def refuses(model, frame):
    try:
        model.validate(frame)
    except pa.errors.SchemaError:
        return True

assert refuses(Contract, pl.DataFrame({"a": [-1]})) and not refuses(Contract, pl.DataFrame({"a": [1]}))
if "Other" in globals():
    import pandas as pd
    assert refuses(Other, pd.DataFrame({"a": [-1]})) and not refuses(Other, pd.DataFrame({"a": [1]}))
"""  # noqa: E501


@pytest.mark.parametrize("use", USES)
def test_it_works_whatever_is_asked_of_it_later(use: str) -> None:
    subprocess.run([sys.executable, "-c", LEAN + USES[use] + JUDGE], check=True)
