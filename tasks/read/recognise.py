"""Which return a file belongs to, by what it holds and never by its name."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from schemas.errors import UnreadableError
from schemas.limits import Limits
from schemas.submission import WHOLE_RETURN
from schemas.table import Form
from tasks.read.csv_set import layout_of
from tasks.read.headings import tables_sent_as_rows
from tasks.read.kinds import Kind, check_extension, head_of, kind_of
from tasks.read.text import check_not_empty, decoded_head
from tasks.read.unpack import checked_size, encrypted
from tasks.read.workbook import matched, workbook_of

_BY_ROOT = {"Message": "cin_census", "EXPSSDA903": "ssda903"}
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
    check_extension(name, kind)
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


def _is_encrypted(path: Path) -> bool:
    return _ENCRYPTED_PACKAGE in path.read_bytes()


def _by_headings(head: bytes, name: str, limits: Limits) -> Recognised:
    text = decoded_head(head, name)
    layout = layout_of(text, name, tables_sent_as_rows(), limits)
    table = layout.headings.table
    return Recognised(table.found_in.name, table.table.name)


def _by_sheets(path: Path, name: str, limits: Limits) -> Recognised:
    if name.lower().endswith(".xlsm"):
        raise UnreadableError("MACRO", f"{name}: holds macros. Save it as .xlsx without macros.")
    workbook = workbook_of(path, name, most_rows=limits.heading_rows, limits=limits)
    tables = [t for t in tables_sent_as_rows() if Form.TABLE in t.found_in.forms]
    found = [row.table for _, row in matched(workbook, tables, limits).values()]
    returns = {table.found_in.name for table in found}
    if len(returns) > 1:
        raise UnreadableError(
            "SHEET_NOT_FOUND",
            f"{name}: holds sheets of more than one return ({', '.join(sorted(returns))}). "
            "Send one workbook for each.",
        )
    whole = len(found[0].found_in.tables) > 1
    return Recognised(found[0].found_in.name, WHOLE_RETURN if whole else found[0].table.name)


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
