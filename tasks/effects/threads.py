"""One thread for linear algebra.

The matrices here are small. OpenBLAS shares even those out among threads that spin while they wait
for each other: on a two-core machine with other work, the effects of one cohort took 25 s of CPU
and 80 s by the clock, against 2.3 s and 6 s on one thread.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep numpy's OpenBLAS on one thread while inside; does nothing where it has another BLAS."""
    ask, tell = _switch()
    before = ask()
    tell(1)
    try:
        yield
    finally:
        tell(before)


@cache
def _switch() -> tuple[Callable[[], int], Callable[[int], object]]:
    """Return how to ask for, and to set, the number of threads of the OpenBLAS numpy came with."""
    libraries = Path(np.__file__).parent.with_name("numpy.libs")
    for path in sorted(libraries.glob("libscipy_openblas*.so*")):
        library = ctypes.CDLL(str(path))
        ask = getattr(library, "scipy_openblas_get_num_threads64_", None)
        tell = getattr(library, "scipy_openblas_set_num_threads64_", None)
        if ask is not None and tell is not None:
            return ask, tell
    return (lambda: 1), (lambda _: None)
