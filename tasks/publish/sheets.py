"""A workbook as an attacker reads it: the numbers of every row of every sheet, and every text."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from zipfile import ZipFile

from lxml import etree

_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ROW, _CELL, _VALUE, _TEXT = (f"{_MAIN}{name}" for name in ("row", "c", "v", "t"))
_SHEETS: Final = "xl/worksheets/"
_BOOK: Final = "xl/workbook.xml"
_STRINGS: Final = "xl/sharedStrings.xml"
_WRITTEN_BY_LIBRARY: Final = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/extended-properties}DocSecurity",
    "{http://schemas.openxmlformats.org/officeDocument/2006/extended-properties}AppVersion",
    "{http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes}i4",
)
"""Properties with a number of the format's: versions, how many sheets there are."""
_NUMBER: Final = (None, "n")
"""Types of a cell that is a number."""


@dataclass(frozen=True)
class NumberSheet:
    """One sheet: its name, and the numbers of each row that has some, in order."""

    name: str
    rows: tuple[tuple[float, ...], ...]


def sheets(content: bytes) -> Iterator[NumberSheet]:
    """Yield the sheets of a workbook in order."""
    with ZipFile(io.BytesIO(content)) as parts:
        book = etree.fromstring(parts.read(_BOOK))
        names = [sheet.get("name", "") for sheet in book.iter(f"{_MAIN}sheet")]
        for place, name in enumerate(names, start=1):
            yield NumberSheet(name, tuple(_rows(parts.read(f"{_SHEETS}sheet{place}.xml"))))


def _rows(sheet: bytes) -> Iterator[tuple[float, ...]]:
    for row in etree.fromstring(sheet).iter(_ROW):
        found = tuple(
            float(value)
            for cell in row.iterchildren(_CELL)
            if cell.get("t") in _NUMBER and (value := cell.findtext(_VALUE))
        )
        if found:
            yield found


def workbook_texts(content: bytes) -> Iterator[str]:
    """Yield every text of a workbook once: cells, inline texts, comments, properties."""
    with ZipFile(io.BytesIO(content)) as parts:
        for name in sorted(parts.namelist()):
            if not name.endswith(".xml"):
                continue
            root = etree.fromstring(parts.read(name))
            if name.startswith(_SHEETS):
                yield from (text.text for text in root.iter(_TEXT) if text.text)
            elif name == _STRINGS:
                yield from ("".join(part.itertext()) for part in root)
            elif name.startswith("docProps/"):
                told = (part for part in root.iter() if part.tag not in _WRITTEN_BY_LIBRARY)
                yield from (part.text for part in told if part.text and part.text.strip())
