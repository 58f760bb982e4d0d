"""Which return a file belongs to, by what it holds and never by its name."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from xml.parsers import expat

from schemas.errors import UnreadableError
from schemas.foreign_forms import ForeignForm, form_of_name
from schemas.limits import Limits
from schemas.submission import TABLES_DIVIDED_BY, WHOLE_RETURN
from schemas.table import IN_WORKBOOKS, Form
from tasks.read.csv_set import layout_of
from tasks.read.headings import tables_sent_as_rows
from tasks.read.kinds import Kind, check_extension, foreign_form, head_of, kind_of
from tasks.read.text import check_not_empty, decoded_head
from tasks.read.unpack import checked_size, encrypted
from tasks.read.workbook import matched, workbook_of

_BY_ROOT = {"Message": "cin_census", "EXPSSDA903": "ssda903"}
_PARTS_COLUMNS = (b",", b";", b"\t", b"|")
_LEAST_MARKS = 2
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class Recognised:
    """What a file is.

    Attributes:
        return_name: as `ssda903`.
        part: table name for a CSV of a set or a single-table return; `whole` for a whole return.
    """

    return_name: str
    part: str


def recognise(path: Path, name: str, *, limits: Limits) -> Recognised:
    """Return what a file is, by its headings or its outermost element.

    A file that lacks some headings of the one table it resembles is recognised all the same, so
    that reading it can say which are missing.

    Raises:
        UnreadableError: it is no return we know; with the reason.
    """
    checked_size(path, name, limits)
    head = head_of(path)
    check_not_empty(head, name)
    kind = kind_of(head)
    if kind is Kind.OLE and _is_encrypted(path):
        raise encrypted(name)
    form = foreign_form(path, head)
    check_extension(name, kind, form)
    if form is not None:
        raise _foreign(name, form)
    if kind is Kind.TEXT:
        return _by_headings(head, name, limits)
    if kind is Kind.XML:
        return _by_root(head, name)
    if kind is Kind.ZIP:
        return _by_sheets(path, name, limits)
    raise UnreadableError(
        "TYPE_UNSUPPORTED",
        f"{name}: not a form we read (needs CSV, XML or .xlsx, found {kind}). "
        "Save it as one of these and send it again.",
    )


def _foreign(name: str, form: ForeignForm) -> UnreadableError:
    code = "TYPE_UNSUPPORTED" if form.is_data else form.code
    return UnreadableError(code, f"{name}: {form.words}")


def _is_encrypted(path: Path) -> bool:
    return _ENCRYPTED_PACKAGE in path.read_bytes()


def _by_headings(head: bytes, name: str, limits: Limits) -> Recognised:
    text = decoded_head(head, name)
    try:
        layout = layout_of(text, name, tables_sent_as_rows(), limits)
    except UnreadableError:
        form = form_of_name(name)
        if form is None or _has_columns(text):
            raise
        raise _foreign(name, form) from None
    forms = [table.table.name for table in (layout.headings.table, *layout.headings.also)]
    return Recognised(layout.headings.table.found_in.name, TABLES_DIVIDED_BY.join(forms))


def _has_columns(data: bytes) -> bool:
    """Return whether lines are parted alike by what parts columns.

    Prose has commas too, but never as many in two lines one after the other, nor one in each.
    """
    lines = [line for line in data.splitlines() if line.strip()]
    return any(_is_parted([line.count(mark) for line in lines]) for mark in _PARTS_COLUMNS)


def _is_parted(counts: Sequence[int]) -> bool:
    """Return whether lines with so many of one mark each are rows of columns."""
    is_every = len(counts) > 1 and len(set(counts)) == 1 and counts[0] > 0
    return is_every or any(one == after >= _LEAST_MARKS for one, after in pairwise(counts))


def _by_sheets(path: Path, name: str, limits: Limits) -> Recognised:
    if name.lower().endswith(".xlsm"):
        raise UnreadableError("MACRO", f"{name}: holds macros. Save it as .xlsx without macros.")
    workbook = workbook_of(path, name, most_rows=limits.heading_rows, limits=limits)
    tables = [t for t in tables_sent_as_rows() if not IN_WORKBOOKS.isdisjoint(t.found_in.forms)]
    found = [row.table for _, row in matched(workbook, tables, limits).values()]
    returns = {table.found_in.name for table in found}
    if len(returns) > 1:
        raise UnreadableError(
            "SHEET_NOT_FOUND",
            f"{name}: holds sheets of more than one return ({', '.join(sorted(returns))}). "
            "Send one workbook for each.",
        )
    declared = found[0].found_in
    if declared.comes_from_surveys:
        forms = sorted(table.table.name for table in found)
        return Recognised(declared.name, TABLES_DIVIDED_BY.join(forms))
    # A set of tables may also come with one workbook for each, as it does with one CSV for each.
    sheets = len(found) if Form.CSV_SET in declared.forms else len(declared.tables)
    return Recognised(declared.name, WHOLE_RETURN if sheets > 1 else found[0].table.name)


def _by_root(head: bytes, name: str) -> Recognised:
    found = _BY_ROOT.get(_root(head, name))
    if found is None:
        raise UnreadableError(
            "XML_ROOT",
            f"{name}: does not begin as a return does (needs {' or '.join(_BY_ROOT)} as its "
            "outermost element). Send the return as your system exports it.",
        )
    return Recognised(found, WHOLE_RETURN)


def _root(head: bytes, name: str) -> str:
    """Return the outermost element's name without prefix; empty when the beginning holds none."""
    elements: list[str] = []

    def start(element: str, _: object) -> None:
        elements.append(element)

    def refuse(*_: object) -> None:
        raise UnreadableError(
            "XML_DTD",
            f"{name}: holds a document type definition, which is not allowed. Take it out.",
        )

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    # Whatever is wrong further on is reported when the file is read.
    with suppress(expat.ExpatError):
        parser.Parse(head, False)
    return elements[0].rpartition(":")[2] if elements else ""
