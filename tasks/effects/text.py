"""Effects as text, and cells out of a file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from pandas import DataFrame

from schemas.errors import UsageError


def effects_csv(table: DataFrame) -> str:
    """Return the effects table as CSV: ten significant digits, empty where there is no number."""
    text: str = table.to_csv(index=False, float_format="%.10g", lineterminator="\n")
    return text


def cells_from_csv(path: Path) -> DataFrame:
    """Return the cells of a CSV file, headings as they stand.

    Raises:
        UsageError: the file cannot be read as CSV.
    """
    try:
        return pd.read_csv(path)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise UsageError(
            f"estimate: {path} cannot be read as CSV ({type(error).__name__}). It needs columns "
            "cluster, period, exposed, children, events."
        ) from None
