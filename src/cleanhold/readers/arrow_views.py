"""Arrow's views of text made safe.

A value of `string_view` or `binary_view` points into a buffer. pyarrow validates where values
point, but not what stands in the places of nulls; Polars and pyarrow's own casts follow those as
well, and a damaged file ends the process there.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def safe(values: Any) -> Any:
    """The same array (validated, offset 0) with nothing in the places of nulls, on every level."""
    import pyarrow as pa

    types, kind = pa.types, values.type
    if not _has_views(pa, kind):
        return values
    if types.is_string_view(kind) or types.is_binary_view(kind):
        return _emptied(pa, values)
    if types.is_dictionary(kind):
        plain = pa.large_string() if types.is_string_view(kind.value_type) else pa.large_binary()
        return pa.DictionaryArray.from_arrays(values.indices, safe(values.dictionary).cast(plain))
    own = values.buffers()
    if types.is_struct(kind):
        count, children = 1, [safe(values.field(at)) for at in range(kind.num_fields)]
    elif types.is_map(kind):
        pairs = pa.StructArray.from_arrays(
            [safe(values.keys), safe(values.items)], fields=[kind.key_field, kind.item_field]
        )
        count, children = 2, [pairs]
    elif types.is_fixed_size_list(kind):
        count, children = 1, [safe(values.values)]
    else:
        count, children = 2, [safe(values.values)]
    return pa.Array.from_buffers(kind, len(values), own[:count], children=children)


def without_views(kind: Any) -> Any:
    """What `safe` makes of a type: the same, but for dictionaries."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind) and _has_views(pa, kind):
        is_text = pa.types.is_string_view(kind.value_type)
        return pa.dictionary(kind.index_type, pa.large_string() if is_text else pa.large_binary())
    return kind


def _has_views(pa: Any, kind: Any) -> bool:
    types = pa.types
    if types.is_string_view(kind) or types.is_binary_view(kind):
        return True
    if types.is_dictionary(kind):
        return _has_views(pa, kind.value_type)
    if types.is_struct(kind):
        return any(_has_views(pa, kind.field(at).type) for at in range(kind.num_fields))
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return _has_views(pa, kind.value_type)
    if types.is_map(kind):
        return _has_views(pa, kind.key_type) or _has_views(pa, kind.item_type)
    return False


def _emptied(pa: Any, values: Any) -> Any:
    """Views of 16 bytes, all zero (an empty text) where the value is null."""
    if not values.null_count:
        return values
    valid, views, *data = values.buffers()
    nulls = values.is_null().to_numpy(zero_copy_only=False)
    clean = np.frombuffer(views, dtype=np.uint64).reshape(-1, 2)[: len(values)].copy()
    clean[nulls] = 0
    return pa.Array.from_buffers(values.type, len(values), [valid, pa.py_buffer(clean), *data])
