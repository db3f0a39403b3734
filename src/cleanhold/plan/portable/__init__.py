"""Checks in narwhals: the same expressions for Polars, DuckDB and whatever else narwhals speaks to.

Checks are written once, as Polars expressions. What of them is known to give the same bits
everywhere is translated; of the rest it is said what has no portable form.
"""

from cleanhold.plan.portable.checks import Portable, portable_contract, portable_plan

__all__ = ["Portable", "portable_contract", "portable_plan"]
