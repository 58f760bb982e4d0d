"""The workforce return: one row for the quarter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from samples.forms import Occasion
from samples.forms.ssda903 import lines_csv


def files(occasion: Occasion) -> Iterator[tuple[str, bytes]]:
    """Yield the one file of the quarter."""
    sent = occasion.history.workforce.get(occasion.quarter)
    if sent is not None:
        yield "workforce.csv", one_row(occasion, asdict(sent))


def one_row(occasion: Occasion, values: dict[str, float]) -> bytes:
    """Return a file of one row: authority, quarter, then the values under their names."""
    row = (occasion.setting.la_code, str(occasion.quarter), *map(str, values.values()))
    return lines_csv(",".join(("la_code", "quarter", *values)), [row])
