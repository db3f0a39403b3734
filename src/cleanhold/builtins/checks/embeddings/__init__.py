"""Checks of vectors that a model made, one family per file."""

from cleanhold.builtins.checks.embeddings.vector_sets import (
    no_constant_dimensions,
    no_norm_outliers,
    no_repeated_vectors,
    one_value,
)
from cleanhold.builtins.checks.embeddings.vectors import (
    finite_vector,
    has_dimension,
    not_zero_vector,
    unit_length,
)

__all__ = [
    "finite_vector",
    "has_dimension",
    "no_constant_dimensions",
    "no_norm_outliers",
    "no_repeated_vectors",
    "not_zero_vector",
    "one_value",
    "unit_length",
]
