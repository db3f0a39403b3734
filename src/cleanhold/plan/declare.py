"""How a contract is written: `@contract` over a pandera model, and `field`."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, TypeVar

import pandera.polars as pa
import polars as pl
from pandera.backends.polars.register import register_polars_backends
from pandera.errors import SchemaInitError

from cleanhold.core.check import Severity
from cleanhold.core.contract import DATASET_NAME, LoadMode, Missing, Privacy, Unknown
from cleanhold.core.parsing import ParseRule
from cleanhold.core.promise import Alarm
from cleanhold.core.rule import ColumnRule, GroupRule, ReferenceRule, RowRule, TableRule
from cleanhold.errors import ContractError
from cleanhold.plan.automatic import remedies, share_or_number
from cleanhold.plan.drift_limit import drift_limit
from cleanhold.plan.promises import events_of, volume_of
from cleanhold.plan.terms import (
    FIELD_TERMS,
    TERMS,
    FieldTerms,
    Terms,
    check_pattern,
    days,
    duration,
    header_pattern,
    names,
    one_of,
    one_text,
    options_of,
    place_of_caller,
    reference,
    refuse_option,
    row_limit,
    rules,
    share,
    words,
)

# pandera copies its check dispatchers into each Field: the Polars ones must be there first.
register_polars_backends()

#: Digits and decimal places of a column annotated `Decimal`.
DECIMAL_DIGITS, DECIMAL_PLACES = 38, 6

#: Characters of a dataset's name: files are called after it.
_LONGEST_NAME = 120

Model = TypeVar("Model")


def is_model(value: object) -> bool:
    """Whether a module's attribute is a contract: a pandera model or schema for Polars."""
    if isinstance(value, type):
        return issubclass(value, pa.DataFrameModel) and value is not pa.DataFrameModel
    return isinstance(value, pa.DataFrameSchema)


def contract(
    dataset: str,
    *,
    version: str = "",
    owner: str = "",
    key: str | Sequence[str] = (),
    load: str = "replace",
    tolerance: str | float | None = None,
    freshness: str | None = None,
    segments: str | Sequence[str] = (),
    loss_bias: str | float = 0.02,
    description: str = "",
    nulls: str | Sequence[str] | None = None,
    checks: Sequence[TableRule] = (),
    unknown: str | None = None,
    missing: str = "refuse",
    automatic_limit: str | float | int | None = None,
    approval_above: int | None = None,
    longest_waiver: str | None = None,
    never_waived: str | Sequence[str] = (),
    volume: str = "warn",
    rows: tuple[int | None, int | None] | None = None,
    event_time: str | None = None,
    stale: str | None = None,
    drift: str | None = None,
    **mistaken: Any,
) -> Callable[[Model], Model]:
    """Make a pandera model the contract of a dataset. The model stays a pandera model.

    Args:
        dataset: dotted lower-case name, `crm.contacts`.
        version: the contract's own version, `1.2.0`; it must be given.
        owner: who answers for it: an address or a team.
        key: column or columns that name a row; unique and never null.
        load: `replace` (each extract is the whole table), `append` or `upsert`.
        tolerance: share of records that may be held or refused before the run stops at
            candidate: `"5%"` or 0.05. No limit if not given.
        freshness: how old the newest snapshot may be: `"26h"`, `"7d"`.
        segments: columns that say which part of the population a row stands for: `"region"`,
            `("region", "birth_date")`. A run that holds back more of one segment than of the others
            stops at candidate.
        loss_bias: how many points more: `"2%"` if not given.
        description: what the dataset is; the model's docstring if not given.
        nulls: texts that mean "no value" once a cell is trimmed; those of the workspace if not
            given, else the empty text.
        checks: of the row, or of groups of rows: `checks=[all_or_none("city", "postcode")]`.
            pandera knows nothing of them.
        unknown: columns of an extract that no field is read from: `refuse` (every row is held,
            and nothing of the extract is published), `keep` (as JSON in the column `extra`) or
            `ignore` (a note lists them). If not given, what pandera's `strict` says: `refuse` if
            it is true, else `ignore`.
        missing: fields that the extract has no column for: `refuse` (as above), or `null`: those
            that are nullable or have a default get that, and the run says so. What pandera says
            of a field (`Optional[…]`, `required`, `add_missing_columns`) goes before it.
        automatic_limit: how much of an extract the fields' `automatic` may correct, as a share
            (`"2%"`) or a number of rows (`50`); of an extract with more, nothing is.
        approval_above: held rows that one person may decide on within 24 hours, by each act; what
            goes beyond is proposed, and another person approves it. No limit if not given.
        longest_waiver: for how long a decision may let rows through that fail: `"30d"`, `"2w"`.
        never_waived: checks that no decision lets fail, `column.check` or a check's name.
        volume: what becomes of an extract with far more or fewer records than those before it:
            `warn` (it is published, and the run says so), `stop` or `off`.
        rows: the fewest and the most records that an extract may have: `(1000, None)`. One beyond
            stops at candidate.
        event_time: the column of dates or times that says when what a row tells of happened: an
            extract whose newest is older than `freshness` is told, as are times in the future, and
            days or hours without any.
        stale: what becomes of an extract whose newest event is older than `freshness`: `warn` if
            not given, `stop` or `off`.
        drift: what becomes of a table that is no longer distributed as its baseline: `warn` (if
            not given), `stop` (it stays at candidate) or `off`.

    Raises:
        ContractError: a term is mistaken; the message says which, where and what to do.
    """
    where = place_of_caller()
    if mistaken:
        refuse_option(next(iter(mistaken)), options_of(contract), where)
    is_name = isinstance(dataset, str) and len(dataset) <= _LONGEST_NAME
    if not is_name or not DATASET_NAME.fullmatch(dataset):
        raise ContractError(
            f"{getattr(dataset, '__name__', dataset)!r:.80} is not a dataset name",
            where=where,
            next="write one above the class, lower-case words joined with dots: "
            "@contract('crm.contacts', version='1.0.0')",
        )
    if not isinstance(version, str | int | float | None):
        raise ContractError(
            f"version={version!r} is not a version", where=where, next="write version='1.0.0'"
        )
    if not version or not str(version).strip():
        raise ContractError(
            "the contract has no version",
            where=where,
            next=f"give it one: @contract({dataset!r}, version='1.0.0')",
        )
    terms = Terms(
        dataset=dataset,
        version=str(version),
        owner=one_text(owner, "owner", where),
        key=names(key, "key", where),
        load=one_of(LoadMode, load, "load", where),
        tolerance=share(tolerance, "tolerance", where),
        freshness=duration(freshness, where),
        description=one_text(description, "description", where),
        nulls=None if nulls is None else words(nulls, "nulls", where),
        where=where,
        rules=rules(checks, (RowRule, GroupRule, ReferenceRule), where),
        unknown=None if unknown is None else one_of(Unknown, unknown, "unknown", where),
        missing=one_of(Missing, missing, "missing", where),
        automatic_limit=share_or_number(automatic_limit, where),
        approval_above=row_limit(approval_above, "approval_above", where),
        longest_waiver=days(longest_waiver, "longest_waiver", where),
        never_waived=names(never_waived, "never_waived", where),
        segments=names(segments, "segments", where),
        loss_bias=share(loss_bias, "loss_bias", where) or 0.0,
        volume=volume_of(volume, rows, where),
        events=events_of(event_time, stale, freshness, where),
        drift=None if drift is None else one_of(Alarm, drift, "drift", where),
    )
    if not terms.key and terms.load is LoadMode.UPSERT:
        raise ContractError(
            "load='upsert' needs a key",
            where=where,
            next="name the column that tells rows apart: key='contact_id'",
        )

    def declare(model: Model) -> Model:
        if not is_model(model):
            raise ContractError(
                f"{getattr(model, '__name__', model)!r} is not a pandera model for Polars",
                where=where,
                next="import pandera.polars as pa, and derive the class from pa.DataFrameModel",
            )
        if isinstance(model, type):
            _type_decimals(model)
        setattr(model, TERMS, terms)
        return model

    return declare


def field(
    *unnamed: object,
    source: str | Sequence[str] = (),
    source_matches: str | None = None,
    parse: ParseRule | None = None,
    nulls: str | Sequence[str] | None = None,
    pii: str | None = None,
    references: str | None = None,
    severity: str = "error",
    matches: str | None = None,
    checks: Sequence[ColumnRule] = (),
    automatic: str | Sequence[str] = (),
    drift: str | float | None = None,
    **options: Any,
) -> Any:
    """A column: pandera's `Field` with the terms of a contract.

    Args:
        source: header name it arrives under, or several to try in order. Without it, the
            header is matched by the column's name, whatever its case, blanks and underscores.
        source_matches: regular expression of the whole header, where it varies:
            `r"Amount \\((EUR|USD)\\)"`; tried after the names in `source`, and in Python's syntax.
        parse: how text becomes a value (`dates(...)`, `decimal(...)`, `codes(...)`, ...).
        nulls: texts that mean "no value" in this column, instead of the contract's.
        pii: `indirect`, `direct` or `sensitive` for personal data; masked in every view.
        references: `dataset.column` that must hold the value, `crm.accounts.account_id`.
        severity: `error` holds the row, `warn` lets it pass and keeps the finding; for all
            checks of this field.
        matches: regular expression that must match the whole text; anchors are not needed.
        unnamed: none; only there to tell who forgot the option's name.
        checks: of the column's values: `checks=[iban()]`. pandera knows nothing of them.
        automatic: corrections that a run may make of held rows without asking: `trim`, `width`,
            `mojibake`, `writing`, `nearest`.
        drift: `warn`, `stop` or `off`, instead of the contract's; or how far its values may move
            from the baseline's, instead of 0.2 (PSI) or, of categories, 0.1 (Jensen-Shannon).
        options: everything `pandera.polars.Field` takes: `nullable`, `unique`, `ge`, `le`,
            `gt`, `lt`, `isin`, `in_range`, `str_length`, `description`, ...

    Raises:
        ContractError: an option is unknown or has a mistaken value.
    """
    where = place_of_caller()
    if unnamed:
        raise ContractError(
            f"field({unnamed[0]!r}) does not say what that is",
            where=where,
            next="name the option: field(source='E-mail'), field(parse=…); the type goes before it",
        )
    level = one_of(Severity, severity, "severity", where)
    if parse is not None and (isinstance(parse, type) or not isinstance(parse, ParseRule)):
        named = getattr(parse, "__name__", None)
        makes_rules = inspect.isfunction(parse) and named != "<lambda>"
        raise ContractError(
            f"parse={named or repr(parse)} is not a parse rule",
            where=where,
            next=f"call it: parse={named}(…)"
            if makes_rules
            else "use one: parse=dates('%d/%m/%Y')",
        )
    if "alias" in options and not one_text(options["alias"], "alias", where).strip():
        raise ContractError(
            "alias='' is no name", where=where, next="leave alias out, or name the column"
        )
    if not isinstance(options.get("metadata", {}), Mapping | None):
        raise ContractError(
            f"metadata={options['metadata']!r} is not a dict",
            where=where,
            next="write metadata={'name': value}",
        )
    if options.get("regex") is True and (source or source_matches):
        raise ContractError(
            "a column that is a pattern cannot have a source",
            where=where,
            next="write the pattern of the header's names: alias='month_[0-9]{2}', regex=True",
        )
    if matches is not None:
        if "str_matches" in options:
            raise ContractError(
                "the field has both matches and str_matches",
                where=where,
                next="keep matches (the whole text) or str_matches (its beginning)",
            )
        check_pattern(matches, where)
        options["str_matches"] = f"^(?:{_without_anchors(matches)})$"
    for option in ("isin", "notin"):
        if isinstance(options.get(option), str):
            raise ContractError(
                f"{option}={options[option]!r} is one text, not a list of values",
                where=where,
                next=f"write {option}=[{options[option]!r}]",
            )
        if not isinstance(options.get(option, ()), Iterable):
            raise ContractError(
                f"{option}={options[option]!r} is not a list of values",
                where=where,
                next=f"write {option}=[{options[option]!r}]",
            )
    for option in ("nullable", "unique", "coerce", "regex"):
        if not isinstance(options.get(option, False), bool):
            raise ContractError(
                f"{option}={options[option]!r} is neither True nor False",
                where=where,
                next=f"write {option}=True, or leave it out",
            )
    if level is Severity.WARN:
        options.setdefault("raise_warning", True)
    terms = FieldTerms(
        source=names(source, "source", where),
        source_matches=header_pattern(source_matches, where),
        parse=parse,
        nulls=None if nulls is None else words(nulls, "nulls", where),
        privacy=one_of(Privacy, "none" if pii is None else pii, "pii", where),
        references=reference(references, where),
        severity=level,
        where=where,
        rules=rules(checks, (ColumnRule,), where),
        automatic=remedies(automatic, where),
        drift=drift_limit(drift, where),
    )
    metadata = {**(options.pop("metadata", None) or {}), FIELD_TERMS: terms}
    try:
        return pa.Field(metadata=metadata, **options)
    except SchemaInitError as error:
        unknown = re.search(r"custom check '(\w+)'", str(error))
        if unknown is None:
            raise ContractError(str(error), where=where, next="see pandera's Field") from error
        refuse_option(unknown.group(1), [*options_of(field), *options_of(pa.Field)], where)
    except (TypeError, ValueError, re.error) as error:
        raise ContractError(
            f"an option of the field has a value that cannot be used: {error}",
            where=where,
            next="mend it; the options are those of pandera's Field",
        ) from error


def _without_anchors(pattern: str) -> str:
    r"""The pattern without `\A` and `\z`: it covers the whole text anyway, and Python's own
    engine, which pandera shows each pattern to, knows no `\z`."""
    pattern = pattern.removeprefix(r"\A")
    return re.sub(r"(?<!\\)((?:\\\\)*)\\z\Z", r"\1", pattern)


def _type_decimals(model: type) -> None:
    """Give `Decimal` annotations their digits: pandera would take them as whole numbers."""
    own = inspect.get_annotations(model)
    hints = typing.get_type_hints(model, include_extras=True)
    sized = Annotated[pl.Decimal, DECIMAL_DIGITS, DECIMAL_PLACES]
    model.__annotations__ = {
        name: sized if hints.get(name) is Decimal else hint for name, hint in own.items()
    }
