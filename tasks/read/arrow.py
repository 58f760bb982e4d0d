"""The few things done to columns of Arrow text, with the types their library does not give.

The published stubs of `pyarrow.compute` refuse plain values and lack arguments that exist, so its
functions are taken as untyped here, and only here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from schemas.arrays import Flags

Texts: TypeAlias = "pa.ChunkedArray[Any]"
Places: TypeAlias = npt.NDArray[np.int64]

# The library's own pool keeps what was freed, which a process that reads one return after another
# never needs again: a tenth of its memory, and no faster.
pa.set_memory_pool(pa.system_memory_pool())

EDGES = " \t\r\n"
_compute: Any = pyarrow.compute


def texts(values: Sequence[str | None]) -> Texts:
    """Return a column of text."""
    return pa.chunked_array([pa.array(values, pa.string())])


def absent(count: int) -> Texts:
    """Return a column in which nothing was sent."""
    return pa.chunked_array([pa.nulls(count, pa.string())])


def longest(column: Texts) -> int:
    """Return the length of the longest text, in bytes."""
    return int(_compute.max(_compute.binary_length(column)).as_py() or 0)


def longer_than(column: Texts, characters: int) -> Places:
    """Return the places of texts of more than so many characters."""
    return _where(_compute.greater(_compute.utf8_length(column), characters))


def matching(column: Texts, pattern: str) -> Places:
    """Return the places of texts that match a pattern."""
    return _where(_compute.match_substring_regex(column, pattern))


def not_ascii(column: Texts) -> Places:
    """Return the places of texts with a character above ASCII."""
    return _where(_compute.invert(_compute.string_is_ascii(column)))


def holds_only(column: Texts, values: Iterable[str]) -> bool:
    """Return whether every text is one of the values, or missing."""
    known = pa.array([*values, None], pa.string())
    return bool(_compute.all(_compute.is_in(column, value_set=known)).as_py() is not False)


def blank(column: Texts) -> Flags:
    """Return, per cell, whether it holds nothing but spaces and line ends."""
    return _flags(_compute.equal(_compute.utf8_trim(column, EDGES), ""), if_missing=True)


def stripped(column: Texts) -> Texts:
    """Return texts without spaces at their edges; nothing but white space is missing."""
    clean = _compute.utf8_trim(column, " ")
    is_blank = _compute.equal(_compute.utf8_trim(clean, EDGES), "")
    kept: Texts = _compute.if_else(is_blank, pa.scalar(None, pa.string()), clean)
    return kept


def encoded(column: Texts) -> tuple[list[str], Places]:
    """Return the distinct texts, and for each row its place among them (-1 where nothing is)."""
    whole: Any = column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], pa.string())
    dictionary = whole.dictionary_encode()
    places = _compute.fill_null(dictionary.indices, -1).to_numpy(zero_copy_only=False)
    return dictionary.dictionary.to_pylist(), places.astype(np.int64)


def taken(column: Texts, places: Places) -> Texts:
    """Return the texts at some places; nothing where the place is -1."""
    index: Any = pa.array(places, mask=places < 0)
    return column.take(index)


def _flags(values: Any, *, if_missing: bool) -> Flags:
    filled: Flags = _compute.fill_null(values, if_missing).to_numpy()
    return filled


def _where(values: Any) -> Places:
    return np.flatnonzero(_flags(values, if_missing=False))
