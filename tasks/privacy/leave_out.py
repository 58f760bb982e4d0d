"""A file without the rows of certain children: CSV, XML or workbook, all else as it was sent.

Of a CSV file the child's lines are cut out, of XML the child's element; every other byte stays. A
workbook is made again from its visible sheets, with the same cells as text and without the child's
rows: what lies about in a workbook besides (shared texts, comments, hidden sheets) cannot be
searched for certain, and is left behind.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.parsers import expat

from schemas.errors import UnreadableError
from schemas.identifiers import CHILD_COLUMNS
from schemas.limits import LIMITS, Limits
from schemas.returns import RETURNS
from schemas.submission import WHOLE_RETURN
from tasks.read.csv_set import layout_of
from tasks.read.headings import TableHeadings, heading_row, named
from tasks.read.kinds import Kind, head_of, kind_of
from tasks.read.text import decoded
from tasks.read.unpack import is_zip
from tasks.read.workbook import Workbook, workbook_of
from warehouse.erasure import unland
from warehouse.landing import Landed, in_memory, land_bytes, opened_landed
from warehouse.root import Root

IsErased = Callable[[str], bool]
"""Whether the child of an identifier, as the authority writes it, was erased."""

_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_IN_XML = {
    "cin_census": (("Message", "Children", "Child"), ("ChildIdentifiers", "LAchildID")),
    "ssda903": (("EXPSSDA903", "CHILD"), ("HEADER", "CHILDID")),
}
"""Where a child stands in the XML of a return, and its identifier below it."""
_WORD = re.compile(rb"[^\s,;|\"'<>=&()\[\]\x00-\x1f]+")
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001  # workbooks hold no zone; fixed, so that bytes repeat


@dataclass(frozen=True)
class LeftOut:
    """A file without the rows of certain children.

    Attributes:
        data: the file, or as it was when no row was left out.
        count: rows left out; children in XML.
    """

    data: bytes
    count: int


def without_erased(
    path: Path, name: str, return_name: str, part: str, is_erased: IsErased, *, limits: Limits
) -> LeftOut:
    """Return a file of a return without the rows of erased children.

    Args:
        path: where it can be read.
        name: as sent, for messages.
        return_name: as it was recognised.
        part: as it was recognised.
        is_erased: asked of every identifier.
        limits: what a file may hold.

    Raises:
        UnreadableError: it cannot be taken apart; `names_any` can still search it.
    """
    kind = kind_of(head_of(path))
    if kind is Kind.ZIP:
        return _workbook(path, name, return_name, is_erased, limits)
    if kind is Kind.XML:
        return _xml(path.read_bytes(), name, return_name, is_erased)
    if kind is Kind.TEXT and part != WHOLE_RETURN:
        return _csv(path.read_bytes(), name, named(return_name, part), is_erased, limits)
    raise UnreadableError("TYPE_UNSUPPORTED", f"{name}: not a form we read.")


def _csv(
    data: bytes, name: str, known: TableHeadings, is_erased: IsErased, limits: Limits
) -> LeftOut:
    text = decoded(data, name).data
    layout = layout_of(text, name, (known,), limits)
    columns = _child_columns(known, layout.headings.cells)
    if not columns:
        return LeftOut(data, 0)
    kept, count = [], 0
    for number, cells, lines in _records(text.decode("utf-8"), layout.delimiter, name):
        if number > layout.headings.place and _is_of_erased(cells, columns, is_erased):
            count += 1
        else:
            kept.append(lines)
    return LeftOut(_encoded("".join(kept), data, text), count) if count else LeftOut(data, 0)


def _child_columns(known: TableHeadings, headings: Sequence[str]) -> tuple[int, ...]:
    """Return the places of the columns that hold an identifier of a child."""
    columns = (known.columns.get(known.plain(heading)) for heading in headings)
    return tuple(
        place for place, one in enumerate(columns) if one is not None and one.name in CHILD_COLUMNS
    )


def _records(text: str, delimiter: str, name: str) -> Iterator[tuple[int, list[str], str]]:
    """Yield each record: its place from 0, its cells, and the lines it stands on as they are."""
    lines = io.StringIO(text, newline="").readlines()
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    first = 0
    try:
        for number, cells in enumerate(reader):
            yield number, cells, "".join(lines[first : reader.line_num])
            first = reader.line_num
    except csv.Error:
        raise UnreadableError("CSV_QUOTE", f"{name}: cannot be taken apart into rows.") from None


def _encoded(kept: str, data: bytes, text: bytes) -> bytes:
    """Return text in the encoding, and with the mark, that the whole file had."""
    mark = data[:2]
    if mark in _MARKS:
        return mark + kept.encode(_MARKS[mark])
    if data.removeprefix(codecs.BOM_UTF8) != text:
        return kept.encode("cp1252")
    return data[: len(data) - len(text)] + kept.encode("utf-8")


class _Children:
    """Notes where in the bytes of an XML file the elements of erased children stand."""

    def __init__(self, return_name: str, is_erased: IsErased) -> None:
        self.element, self.identifier = _IN_XML[return_name]
        self.is_erased = is_erased
        self.found: list[tuple[int, int]] = []
        self._trail: list[str] = []
        self._text: list[str] = []
        self._begins = 0
        self._erased = False
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text.append
        self.parser.StartDoctypeDeclHandler = self._refuse

    def _refuse(self, *_: object) -> None:
        raise UnreadableError("XML_DTD", "a document type definition is not allowed.")

    def _start(self, name: str, _: object) -> None:
        self._trail.append(name.rpartition(":")[2])
        self._text.clear()
        if tuple(self._trail) == self.element:
            self._begins, self._erased = self.parser.CurrentByteIndex, False

    def _end(self, _: str) -> None:
        where = tuple(self._trail)
        if where == self.element + self.identifier:
            self._erased = self._erased or self.is_erased("".join(self._text).strip())
        elif where == self.element and self._erased:
            self.found.append((self._begins, self.parser.CurrentByteIndex))
        self._text.clear()
        self._trail.pop()


def _xml(data: bytes, name: str, return_name: str, is_erased: IsErased) -> LeftOut:
    if return_name not in _IN_XML:
        raise UnreadableError("TYPE_UNSUPPORTED", f"{name}: not a form we read.")
    mark = data[:2]
    text = data[2:].decode(_MARKS[mark]) if mark in _MARKS else None
    body = data if text is None else text.encode("utf-8")
    children = _Children(return_name, is_erased)
    try:
        # Given text and not bytes, the parser takes no notice of the encoding the file names.
        children.parser.Parse(body if text is None else text, True)
    except expat.ExpatError:
        raise UnreadableError("XML_DAMAGED", f"{name}: is not well-formed XML.") from None
    if not children.found:
        return LeftOut(data, 0)
    kept = _cut_out(body, children.found)
    if text is not None:
        kept = mark + kept.decode("utf-8").encode(_MARKS[mark])
    return LeftOut(kept, len(children.found))


def _cut_out(body: bytes, found: Sequence[tuple[int, int]]) -> bytes:
    """Return the bytes without the elements found, each with the white space before it."""
    kept, place = [], 0
    for begins, closes in found:
        kept.append(body[place:begins].rstrip(b" \t\r\n"))
        place = body.index(b">", closes) + 1
    return b"".join((*kept, body[place:]))


def _workbook(
    path: Path, name: str, return_name: str, is_erased: IsErased, limits: Limits
) -> LeftOut:
    workbook = workbook_of(path, name, most_rows=None, limits=limits)
    known = [named(return_name, table.name) for table in RETURNS[return_name].tables]
    sheets, count = [], 0
    for sheet in workbook.sheets:
        headings = heading_row(sheet.rows[: limits.heading_rows], known)
        columns = _child_columns(headings.table, headings.cells) if headings else ()
        kept = [row for row in sheet.rows if not _is_of_erased(row, columns, is_erased)]
        count += len(sheet.rows) - len(kept)
        sheets.append((sheet.name, kept))
    if not count:
        return LeftOut(path.read_bytes(), 0)
    return LeftOut(_new_workbook(workbook, sheets), count)


def _is_of_erased(row: Sequence[str], columns: Sequence[int], is_erased: IsErased) -> bool:
    """Return whether a row is an erased child's; without headings, any cell may say so."""
    cells = [row[place] for place in columns if place < len(row)] if columns else row
    return any(is_erased(cell.strip()) for cell in cells if cell)


def _new_workbook(
    workbook: Workbook, sheets: Sequence[tuple[str, Sequence[Sequence[str]]]]
) -> bytes:
    # Here, not above: only an erasure needs it.
    import xlsxwriter

    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "date_1904": workbook.counts_from_1904,
    }
    sink = io.BytesIO()
    made = xlsxwriter.Workbook(sink, options)
    made.set_properties({"created": _MADE})
    for sheet_name, rows in sheets:
        sheet = made.add_worksheet(sheet_name)
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell:
                    sheet.write_string(place, column, cell)
    made.close()
    return sink.getvalue()


def kept_of(
    root: Root,
    content: Landed,
    name: str,
    return_name: str,
    part: str,
    *,
    is_erased: IsErased | None,
) -> tuple[Landed, int]:
    """Return what is kept of a landed file, and how many rows of erased children were left out.

    A file that cannot be taken apart is kept as it came: reading it will say what is wrong.
    """
    if is_erased is None:
        return content, 0
    with opened_landed(root, content.sha256) as path:
        try:
            found = without_erased(path, name, return_name, part, is_erased, limits=LIMITS)
        except UnreadableError:
            if names_any(path, is_erased):
                raise
            return content, 0
    return (land_bytes(root, found.data), found.count) if found.count else (content, 0)


def unless_erased(root: Root, content: Landed, is_erased: IsErased | None) -> Landed | None:
    """Return a refused file, or None when it names an erased child: then its bytes are gone."""
    if is_erased is None:
        return content
    with opened_landed(root, content.sha256) as path:
        if not names_any(path, is_erased):
            return content
    unland(root, {content.sha256})
    return None


def names_any(path: Path, is_erased: IsErased) -> bool:
    """Return whether a file that cannot be taken apart holds the identifier of an erased child.

    Looked for as a word, in the file itself or in what a zip or workbook holds. A zip that cannot
    be opened is taken to hold it: there is no proof that it does not.
    """
    try:
        texts = list(_texts(path))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        return True
    words = {word for text in texts for word in _WORD.findall(text)}
    return any(is_erased(word.decode("utf-8", "ignore").strip()) for word in words)


def _texts(path: Path) -> Iterator[bytes]:
    if not is_zip(path):
        yield _as_utf8(path.read_bytes())
        return
    with zipfile.ZipFile(path) as archive:
        if sum(info.file_size for info in archive.infolist()) > LIMITS.unpacked_bytes:
            raise zipfile.BadZipFile
        for info in archive.infolist():
            with in_memory([archive.read(info)]) as member:
                yield from _texts(member)


def _as_utf8(data: bytes) -> bytes:
    if data[:2] in _MARKS:
        return data[2:].decode(_MARKS[data[:2]], "ignore").encode("utf-8")
    return data
