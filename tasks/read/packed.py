"""Codes packed in one cell, as `1A, 2B`, into a row for each."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from schemas.rows import Tolerance
from schemas.table import Column
from tasks.read.arrow import Places, encoded, texts
from tasks.read.sheet import SentTable

_BETWEEN = re.compile(r"[\s,;|/]+")


def without_packed_cells(sent: SentTable, column: Column) -> SentTable:
    """Return a table with a row for each code that a cell of a coded column holds.

    A cell is packed when it holds several codes of the column and nothing else; any other text
    stays as it is, for the rules to judge.
    """
    distinct, places = encoded(sent.raw.column(column.name))
    codes = [_codes_in(text, column) for text in distinct]
    counts = np.array([*(len(found) for found in codes), 1], dtype=np.int64)[places]
    packed = int((counts > 1).sum())
    if not packed:
        return sent
    rows: Places = np.repeat(np.arange(len(places)), counts)
    split = [code for place in places for code in (codes[place] if place >= 0 else [None])]
    words = f"{column.sent_as}: cells that hold several codes were read as one row for each."
    return replace(
        sent,
        raw=sent.raw.take(rows),
        rows=sent.rows[rows],
        unpacked={column.name: texts(split)},
        tolerances=(*sent.tolerances, Tolerance("CODES_PACKED", sent.name, words, packed)),
    )


def _codes_in(text: str, column: Column) -> list[str]:
    known = {code.value for code in column.codes}
    pieces = _BETWEEN.split(text.strip())
    return pieces if len(pieces) > 1 and known.issuperset(pieces) else [text]
