"""Numbers of the page, the workbook and the list of changes that stand in no data file.

These are made from the data files, for people. A number in them that is in none of those is tied to
nothing: it is counted by file. An amount of money on the page with more digits than declared is
worse, because it was worked out from something that is not published.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from zipfile import ZipFile

import numpy as np
import pandas as pd
from lxml import etree, html
from pandas import DataFrame

from schemas.arrays import Floats
from schemas.digits import MONEY
from tasks.publish.ees import csv_texts

PAGE: Final = "report.html"
WORKBOOK: Final = "edition.xlsx"
REVISIONS: Final = "revisions.csv"
_TABLES: Final = re.compile(r"data/(?!.*\.meta\.csv).*\.csv|cost_inputs\.csv|seven_outcomes\.csv")
_MOVED: Final = ("before", "after", "change")
_SHEETS: Final = "xl/worksheets/"
_CELL: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}c"
_VALUE: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}v"
_PLAIN: Final = re.compile(r"-?[\d,]+(\.\d+)?")
_POUNDS: Final = re.compile(r"£([\d,]+(?:\.\d+)?)(?![\d,.]*\s*(?:million|thousand))")
_WORDS_OF_DRAWINGS: Final = ("title", "desc")
_DIGITS: Final = 9


def stray_numbers(
    public: Mapping[str, bytes], earlier: Iterable[Mapping[str, bytes]]
) -> dict[str, int]:
    """Return how many numbers of the page, workbook and changes stand in no data file.

    Args:
        public: the files of the edition, by path.
        earlier: those of earlier editions, which the list of changes repeats.
    """
    mine = _printed(public)
    readers = {PAGE: _of_page, WORKBOOK: _of_workbook}
    found = {
        path: _strays(reader(public[path]), mine)
        for path, reader in readers.items()
        if path in public
    }
    if REVISIONS in public:
        everyone = np.unique(np.concatenate([mine, *(_printed(one) for one in earlier)]))
        moved = csv_texts(public[REVISIONS])
        found[REVISIONS] = _strays(_numbers(moved[list(_MOVED[:2])]), everyone)
    return found


def fine_amounts(page: bytes) -> int:
    """Return how many amounts of money in the words of drawings have more digits than declared."""
    words = " ".join(
        str(element.text_content())
        for element in html.fromstring(page.decode()).iter(*_WORDS_OF_DRAWINGS)
    )
    amounts = np.array([float(text.replace(",", "")) for text in _POUNDS.findall(words)])
    return int((np.abs(MONEY.rounded(amounts) - amounts) > 10.0**-_DIGITS).sum())


def _printed(public: Mapping[str, bytes]) -> Floats:
    """Return every number that stands in a data file, each once."""
    parts = [_numbers(csv_texts(public[path])) for path in public if _TABLES.fullmatch(path)]
    return np.unique(np.concatenate([np.empty(0), *parts]))


def _numbers(frame: DataFrame) -> Floats:
    cells = pd.unique(frame.to_numpy().ravel())
    found = pd.to_numeric(pd.Series(cells, dtype=str), errors="coerce").to_numpy(dtype=float)
    return np.asarray(found[np.isfinite(found)].round(_DIGITS))


def _strays(numbers: Floats, known: Floats) -> int:
    return int((~np.isin(numbers.round(_DIGITS), known)).sum())


def _of_page(content: bytes) -> Floats:
    """Return the numbers that fill a cell of a table of the page."""
    cells = html.fromstring(content.decode()).iter("td")
    texts = (str(cell.text_content()).strip() for cell in cells)
    return np.array([float(t.replace(",", "")) for t in texts if _PLAIN.fullmatch(t)])


def _of_workbook(content: bytes) -> Floats:
    """Return the numbers in the cells of a workbook."""
    with ZipFile(io.BytesIO(content)) as parts:
        names = [name for name in sorted(parts.namelist()) if name.startswith(_SHEETS)]
        sheets = [parts.read(name) for name in names if name.endswith(".xml")]
    return np.array([number for sheet in sheets for number in _of_sheet(sheet)])


def _of_sheet(sheet: bytes) -> Iterator[float]:
    for _, cell in etree.iterparse(io.BytesIO(sheet), tag=_CELL, resolve_entities=False):
        value = cell.find(_VALUE)
        if value is not None and value.text and cell.get("t") in (None, "n"):
            yield float(value.text)
        cell.clear()
