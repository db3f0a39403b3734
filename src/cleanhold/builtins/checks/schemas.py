"""JSON schemas, and what they say of texts; the one module that knows jsonschema."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import polars as pl

from cleanhold.builtins.beside import Place, text_beside
from cleanhold.errors import ContractError

if TYPE_CHECKING:
    from jsonschema.protocols import Validator


@dataclass(frozen=True)
class JsonSchema:
    """A schema, and what it says of texts.

    Attributes:
        text: the schema as JSON, its keys sorted.
    """

    text: str

    def allows(self, texts: pl.Series) -> pl.Series:
        """Whether each text is allowed (Boolean)."""
        bad = [t for t in texts.unique().drop_nulls() if not self._is_valid(t)]
        return ~texts.is_in(bad)

    def mistakes(self, texts: pl.Series) -> pl.Series:
        """Where each text is wrong, and what is (String); of those that are not allowed."""
        told = [None if t is None else self._mistake(t) for t in texts]
        return pl.Series(texts.name, told, dtype=pl.String)

    def _is_valid(self, text: str) -> bool:
        try:
            return bool(_validator(self.text).is_valid(_value(text)))
        except (ValueError, RecursionError, OverflowError):
            return False

    def _mistake(self, text: str) -> str:
        from jsonschema.exceptions import best_match

        try:
            mistake = best_match(_validator(self.text).iter_errors(_value(text)))
        except (ValueError, RecursionError):
            return "for it is not JSON"
        except OverflowError:
            return "for it has a number that is too large to be judged"
        if mistake is None:
            return ""
        told = f"at {_pointer(mistake.absolute_path)}: {mistake.message}"
        # JSON may name half of a surrogate pair, which is no character that can be written.
        return told.encode("utf-8", "backslashreplace").decode("utf-8")


def _pointer(path: Any) -> str:
    """A JSON pointer (RFC 6901); that of the whole document is empty, and named."""
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in path]
    return "".join(f"/{part}" for part in parts) or "its top"


def _value(text: str) -> Any:
    """What JSON text stands for.

    Raises:
        ValueError: it is no JSON, or has a number that no float can be.
    """
    return json.loads(text, parse_constant=_refuse, parse_float=_finite)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _finite(number: str) -> float:
    value = float(number)
    return value if math.isfinite(value) else _refuse(number)


@lru_cache(maxsize=64)
def _validator(schema: str) -> Validator:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import validator_for
    from referencing import Registry

    read = json.loads(schema)
    # An empty registry: what a schema refers to is in it, and nothing is fetched.
    return validator_for(read, Draft202012Validator)(read, registry=Registry())


def read_schema(schema: Mapping[str, Any] | str | Path, place: Place) -> str:
    """A schema that is right, as JSON with sorted keys.

    Args:
        schema: itself, or the path of a file beside the one that names it.
        place: where it is named.

    Raises:
        ContractError: the file cannot be read, is no schema, or refers to what is not in it.
    """
    return _checked(_read(schema, place), place)


def _read(schema: Mapping[str, Any] | str | Path, place: Place) -> Any:
    if isinstance(schema, Mapping):
        return schema
    text = text_beside(place, schema, "schema")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ContractError(
            f"the schema {place.file.parent / schema} is not JSON: {error}",
            where=str(place),
            next="mend the file",
        ) from error


def _checked(schema: Any, place: Place) -> str:
    from jsonschema.exceptions import SchemaError
    from referencing.exceptions import Unresolvable

    try:
        text = json.dumps(schema, sort_keys=True)
        plain = json.loads(text)
        _require_dialect(plain, place)
        _validator(text).check_schema(plain)
        _require_references(plain)
    except SchemaError as error:
        raise ContractError(
            f"the JSON schema is wrong at {_pointer(error.absolute_path)}: {error.message}",
            where=str(place),
            next="mend it there",
        ) from error
    except Unresolvable as error:
        raise ContractError(
            f"the JSON schema refers to {error.ref!r}, which is not in it",
            where=str(place),
            next="put it under $defs and refer to '#/$defs/…'; no schema is fetched",
        ) from error
    except (TypeError, ValueError, RecursionError) as error:
        raise ContractError(
            f"the JSON schema cannot be written as JSON: {error}",
            where=str(place),
            next="make it of dicts, lists, text and numbers",
        ) from error
    return text


def _require_dialect(schema: Any, place: Place) -> None:
    from jsonschema.validators import validator_for

    named = schema.get("$schema") if isinstance(schema, dict) else None
    if not isinstance(schema, dict) or (named is not None and validator_for(schema, None) is None):
        raise ContractError(
            f"{named!r} is no JSON Schema that is known" if named else "a JSON schema is an object",
            where=str(place),
            next="write {'$schema': 'https://json-schema.org/draft/2020-12/schema', …}",
        )


def _require_references(schema: Any) -> None:
    """Look up every `$ref` of a schema.

    Raises:
        Unresolvable: of `referencing`; one leads nowhere.
    """
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT202012

    root: Resource[Any] = Resource.from_contents(schema, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry()
    left = [(root, registry.resolver_with_root(root))]
    while left:
        part, resolver = left.pop()
        if isinstance(part.contents, dict):
            for keyword in ("$ref", "$dynamicRef"):
                if isinstance(reference := part.contents.get(keyword), str):
                    resolver.lookup(reference)
        left += [(sub, resolver.in_subresource(sub)) for sub in part.subresources()]
