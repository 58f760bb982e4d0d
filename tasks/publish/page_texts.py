"""A page as an attacker reads it: every text of it, and every cell of every table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree, html

_SKIPPED: Final = ("script", "style")
_INLINE: Final = frozenset(
    {"a", "abbr", "b", "code", "em", "i", "small", "span", "strong", "tspan"}
)
_CELLS: Final = ("td", "th")
_LAYOUT: Final = "viewport"
"""A page's word to browsers of how wide it is."""
_SPOKEN: Final = ("aria-label", "alt", "title", "content", "placeholder", "value", "label")
"""Attributes whose words a reader may hear or see."""


@dataclass(frozen=True)
class PageText:
    """One text of a page, and the chapter that it stands in; whether it is part of a drawing."""

    text: str
    chapter: str
    is_drawn: bool


@dataclass(frozen=True)
class Cell:
    """One cell of a table: its text and the heading of its column."""

    text: str
    heading: str


@dataclass(frozen=True)
class PageTable:
    """A table of a page: the chapter that it stands in, what it is called, and its rows."""

    chapter: str
    caption: str
    rows: tuple[tuple[Cell, ...], ...]


def page_texts(content: bytes) -> Iterator[PageText]:
    """Yield every text of a page that stands in no cell of a table, attributes that speak too."""
    root = html.fromstring(content.decode())
    chapter, waiting = "", ""
    for event, element in etree.iterwalk(root, events=("start", "end", "comment")):
        if event == "comment":
            yield PageText(str(element.text or ""), chapter, False)
            waiting += element.tail or ""
            continue
        is_inline = element.tag in _INLINE
        if not is_inline and waiting.strip():
            yield PageText(" ".join(waiting.split()), chapter, _is_drawn(element))
            waiting = ""
        if event == "start":
            yield from (
                PageText(value, chapter, False)
                for name in _SPOKEN
                if (value := element.get(name)) is not None and element.get("name") != _LAYOUT
            )
            if element.tag == "h2":
                chapter = " ".join(str(element.text_content()).split())
            if element.tag not in (*_SKIPPED, *_CELLS):
                waiting += element.text or ""
        else:
            waiting += element.tail or ""
    if waiting.strip():
        yield PageText(" ".join(waiting.split()), chapter, False)


def _is_drawn(element: Any) -> bool:
    """Return whether a text before an element's start or end is a label of a drawing."""
    return bool(element.tag == "text")


def page_tables(content: bytes) -> Iterator[PageTable]:
    """Yield every table of a page."""
    root = html.fromstring(content.decode())
    chapter = ""
    for element in root.iter("h2", "table"):
        if element.tag == "h2":
            chapter = " ".join(str(element.text_content()).split())
            continue
        rows = [[_text(cell) for cell in row.iter(*_CELLS)] for row in element.iter("tr")]
        headings, body = (rows[0], rows[1:]) if rows else ([], [])
        caption = next(element.iter("caption"), None)
        name = "" if caption is None else _text(caption)
        yield PageTable(chapter, name, tuple(_cells(row, headings) for row in body))


def _cells(row: list[str], headings: list[str]) -> tuple[Cell, ...]:
    names = headings if len(headings) == len(row) else [""] * len(row)
    return tuple(Cell(text, name) for text, name in zip(row, names, strict=True))


def _text(cell: Any) -> str:
    return " ".join(str(cell.text_content()).split())
