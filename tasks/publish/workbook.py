"""The edition as an accessible workbook: cover, contents, notes, one table per sheet.

Made by gptables after the Analysis Function's guidance. It holds what a person reads: authorities
by year, England and the practice models by quarter. Every row is in the data files. No merged cell,
no formula, the same bytes for the same tables.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence
from datetime import datetime
from string import ascii_uppercase
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from schemas.editions import (
    COUNTRY_CODE,
    COUNTRY_NAME,
    LOCAL_AUTHORITY,
    PUBLISHER,
    SYMBOL_MEANINGS,
    Symbol,
)
from schemas.quarter import Quarter
from tasks.publish.ees import DataFile, Indicator

OPTIONS: Final = {
    "in_memory": True,
    # Text must stay text: a cell that begins with = would otherwise run on opening.
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_QUARTERLY: Final = "_quarterly"
LONGEST_SHEET_NAME: Final = 31
SUBJECT: Final = "Outcomes of three practice models in children's social care"
LANGUAGE: Final = "en-GB"
_SOURCE: Final = "Strengthening Families, Protecting Children: returns of the authorities"
NOTES: Final = (
    ("symbols", "Symbols in square brackets stand where no number may be: see the legend."),
    (
        "disclosure",
        "Counts from 1 to 5, and what would let them be worked out, are hidden. Percentages are "
        "made from unrounded numbers and shown to one decimal.",
    ),
    (
        "held",
        "Where a figure has changed by so little since an earlier edition that the difference "
        "would tell of few children, the earlier number is repeated until more has changed.",
    ),
    (
        "returns",
        "A total is over one set of authorities, the same at all times, and is not available where "
        "one of them has no figure. The number of authorities counted says how many are in; the "
        "sheet totals says which, and why the others are not.",
    ),
)
NO_NOTE: Final = "No note"
NOTES_SHEET: Final = "Notes"
"""Of the library that writes the workbook: its notes, numbered."""
TOTALS_SHEET: Final = "Totals"
_WIDEST_NOTES: Final = 110
_PLACES: Final = ("Time", "Area code", "Area")


def workbook_bytes(
    tables: Sequence[DataFile],
    *,
    title: str,
    paragraphs: Sequence[str],
    contact: Sequence[str],
    as_at: Quarter,
    marks: Mapping[str, Series[str]],
    totals: DataFrame,
) -> bytes:
    """Return the workbook.

    Args:
        tables: in order of the contents.
        title: of the cover.
        paragraphs: paragraphs of the cover.
        contact: whom to write to, and the language, as paragraphs of the cover.
        as_at: latest quarter covered; its last day stands as the day the file was made.
        marks: by table, a note for rows of its frame that have one, by row label.
        totals: which authorities each total adds up; a sheet of its own.
    """
    sheets = {}
    for table in tables:
        frame = sheet_frame(table, marks.get(table.name))
        if len(frame):
            sheets[tab_name(table.name)] = _sheet(table, frame)
    if len(totals):
        sheets[TOTALS_SHEET] = _totals_sheet(totals)
    held = io.BytesIO()
    book = _book(held, sheets, title=title, paragraphs=paragraphs, contact=contact)
    day = as_at.last_day
    made = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a day, written without a zone
    book.set_properties({"title": title, "subject": SUBJECT, "author": PUBLISHER, "created": made})
    book.set_custom_property("Language", LANGUAGE)
    _ease_reading(book)
    book.close()
    return held.getvalue()


def tab_name(table: str) -> str:
    """Return what the sheet of a table is called: words, short enough for a tab."""
    words = table.replace("_", " ")
    return (words[:1].upper() + words[1:])[:LONGEST_SHEET_NAME]


def _ease_reading(book: Any) -> None:
    """Keep the headings of every table in sight, and no column wider than a window."""
    for sheet in book.worksheets():
        for table in sheet.tables:
            first = str(table["range"]).partition(":")[0]
            sheet.freeze_panes(int(first.lstrip(ascii_uppercase)), 0)
        if sheet.get_name() == NOTES_SHEET:
            sheet.set_column(1, 1, _WIDEST_NOTES, book.add_format({"text_wrap": True}))


def _book(
    held: io.BytesIO,
    sheets: dict[str, Any],
    *,
    title: str,
    paragraphs: Sequence[str],
    contact: Sequence[str],
) -> Any:
    import gptables

    with warnings.catch_warnings():
        # gptables 2.0 calls pandas in a way that pandas 4 will refuse; nothing of ours to fix.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return gptables.produce_workbook(
            held,
            sheets,
            cover=gptables.Cover(
                title=title, intro=list(paragraphs), about=[_SOURCE], contact=list(contact)
            ),
            notes_table=DataFrame(NOTES, columns=["Note reference", "Note text"]),
            workbook_options=OPTIONS,
        )


def _sheet(table: DataFile, frame: DataFrame) -> Any:
    import gptables

    formats = [
        {"column": {"columns": [each.label], "format": {"num_format": _format(each)}}}
        for each in table.indicators
        if each.label in frame.columns
    ]
    return gptables.GPTable(
        frame,
        table_name=table.name,
        title=f"{_title(table)} $$symbols$$ $$disclosure$$ $$held$$ $$returns$$",
        subtitles=[],
        instructions="This worksheet contains one table.",
        legend=[f"[{symbol.value}] {words}" for symbol, words in SYMBOL_MEANINGS.items()],
        source=_SOURCE,
        index_columns={},
        additional_formatting=formats,
    )


def _totals_sheet(totals: DataFrame) -> Any:
    import gptables

    words = {
        str(name): str(name).replace("_", " ").capitalize().replace(" la ", " LA ")
        for name in totals.columns
    }
    # An empty cell would be read as one that was forgotten.
    return gptables.GPTable(
        totals.drop(columns="id").rename(columns=words).replace("", "None"),
        table_name=TOTALS_SHEET.lower(),
        title="Authorities behind each total $$returns$$",
        subtitles=[],
        instructions="This worksheet contains one table.",
        source=_SOURCE,
        index_columns={},
    )


def _title(table: DataFile) -> str:
    part = ", England and practice models" if table.name.endswith(_QUARTERLY) else ""
    return f"{table.title}{part}"


def _format(indicator: Indicator) -> str:
    """Return how a sheet shows the numbers of a column: as they are where digits vary."""
    if indicator.figures:
        return "General"
    return "#,##0" + ("." + "0" * indicator.places if indicator.places else "")


def sheet_frame(table: DataFile, marks: Series[str] | None) -> DataFrame:
    """Return what one sheet shows of a table: for people, numbers as numbers, symbols in brackets.

    Of quarterly tables, England and the practice models only. Rows in which nothing applies are
    left out, and so are time and area where every row has the same: the title says what it is of.
    """
    rows = table.frame
    if table.name.endswith(_QUARTERLY):
        rows = rows[rows["geographic_level"] != LOCAL_AUTHORITY]
    names = [i.name for i in table.indicators if i.name != "authorities_counted"]
    rows = rows[(rows[names] != Symbol.NOT_APPLICABLE.value).any(axis=1)]
    is_la = rows["geographic_level"] == LOCAL_AUTHORITY
    shown = DataFrame(
        {
            "Time": _times(rows),
            "Area code": rows["new_la_code"].where(is_la, COUNTRY_CODE),
            "Area": rows["la_name"].where(is_la, COUNTRY_NAME),
            **{f.label: rows[f.name] for f in table.filters},
            **{i.label: bracketed(rows[i.name]) for i in table.indicators},
        }
    )
    if marks is not None and len(marks):
        shown["Note"] = marks.reindex(rows.index).fillna(NO_NOTE)
    alike = [name for name in _PLACES if shown[name].nunique() == 1]
    is_of_one_place = alike == list(_PLACES) and len(shown) > 1
    return shown.drop(columns=alike if is_of_one_place else []).reset_index(drop=True)


def _times(rows: DataFrame) -> Series[str]:
    years = rows["time_period"].str[:4] + "-" + rows["time_period"].str[4:]
    quarter = rows["time_identifier"].str.extract(r"(Q[1-4])$", expand=False).fillna("")
    return (years + " " + quarter).str.strip()


def bracketed(cells: Series[str]) -> Series[Any]:
    """Return numbers as numbers and symbols in square brackets."""
    numbers = pd.to_numeric(cells, errors="coerce")
    is_number = numbers.notna()
    values = np.where(is_number, numbers.astype(object), "[" + cells.astype(object) + "]")
    return Series(values, index=cells.index, dtype=object)
