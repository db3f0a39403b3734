"""All checks: the built-in ones, and those that installed packages add.

A package adds a check with an entry point in the group `cleanhold.checks`: a name, and a function
that makes a rule and was given examples by `listed`.
"""

from __future__ import annotations

import sys
from importlib.metadata import entry_points

from cleanhold.builtins import checks
from cleanhold.builtins.checks.listing import Listed, listed_as
from cleanhold.core.rule import ChangeRule, ColumnRule, GroupRule, ReferenceRule, RowRule
from cleanhold.errors import ContractError

GROUP = "cleanhold.checks"


def catalogue() -> tuple[Listed, ...]:
    """Every check, by family and name; those of packages last.

    Raises:
        ContractError: what a package adds was not given examples.
    """
    own = [listed_as(getattr(checks, name)) for name in checks.__all__]
    built_in = sorted((one for one in own if one), key=lambda one: (one.family, one.name))
    return (*built_in, *_added())


def _added() -> list[Listed]:
    found = []
    for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name):
        one = listed_as(entry.load())
        if one is None:
            raise ContractError(
                f"the check {entry.name!r} has no examples",
                where=entry.value,
                next="put @listed(passes=[…], fails=[…]) above the function",
            )
        found.append(one)
    return found


def page() -> str:
    """The catalogue as Markdown: what each check asks, and examples."""
    parts = [_HEAD]
    family = ""
    for one in catalogue():
        if one.family != family:
            family = one.family
            told = (sys.modules[one.make.__module__].__doc__ or "").split("\n", 1)[0].rstrip(".")
            parts.append(f"\n## {told}\n")
        parts.append(_entry(one))
    return "\n".join(parts)


_HEAD = """# Checks

Beside what pandera has (`ge=`, `isin=`, `unique=` and the rest), each column and each contract
takes checks from `cleanhold.checks`:

```python
from cleanhold.checks import all_or_none, determines, iban


@contract(
    "crm.accounts",
    version="1.0.0",
    checks=[all_or_none("city", "zip"), determines("zip", "city")],
)
class Accounts(pa.DataFrameModel):
    account: str = field(checks=[iban()])
    city: str = field(nullable=True)
    zip: str = field(nullable=True)
```

- A value that is missing passes, unless the check is about missing values.
- `.but(severity="warn")` makes a warning of any of them; `.but(says="…")` and `.but(name="…")`
  change its sentence and its name.
- Checks of a *column* are given to `field`, those of the *row* and of *rows* to `@contract`. Those
  of rows read the columns they name, and no others, before the pass over all rows.
- Those of *changes* are given to `@contract` too, which must have a `key`: they compare each row
  with the one that the newest published snapshot has for its key. In the examples, the column that
  is not checked is the key.
- `refers_to` looks into another dataset, as `field(references=…)` does.
- pandera itself does not run them.

What you write yourself is the same thing: a function that gives a `ColumnRule`, `RowRule`,
`GroupRule`, `ChangeRule` or `ReferenceRule` (all in `cleanhold.core.rule`), used directly, or put
into the catalogue by a package: `@listed(passes=[…], fails=[…])` above it, and an entry point in
the group `cleanhold.checks`.
`cleanhold.testing.check_suite.verify` runs the examples.

This page is made from the checks: `python -m cleanhold.builtins.checks.catalogue > docs/checks.md`.
"""


#: Kind of rule → what it is about; a rule of changes is one of groups too.
_ABOUT = {
    ColumnRule: "column",
    RowRule: "row",
    ReferenceRule: "row",
    ChangeRule: "changes",
    GroupRule: "rows",
}


def _entry(one: Listed) -> str:
    rule = one.rule
    about = next(word for kind, word in _ABOUT.items() if isinstance(rule, kind))
    return (
        f"**`{one.call}`** ({about}) {one.summary}\n"
        f"- passes: {_example(one.passes[0])}; fails: {_example(one.fails[0])}\n"
        f"- says: {rule.says}\n"
    )


def _example(value: object) -> str:
    return f"`{value!r}`"


if __name__ == "__main__":
    print(page(), end="")
