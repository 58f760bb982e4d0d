"""Files that are met in drop folders and hold no return as we read it: named for what they are.

A form that never holds data (a note, a picture) is mentioned in the answer to the return it lies
alongside, and is a version of nothing. A form that may hold the return is refused, with what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

_AS_XLSX = "Open it, save it as an Excel workbook (.xlsx) or as CSV, and send that."
_PLAIN = "Send the files themselves, or put them into an ordinary zip."


@dataclass(frozen=True)
class ForeignForm:
    """One form of file, and by what it is known.

    Attributes:
        code: what the authority sees; also what the ledger keeps of a file that is no data.
        title: what people call it, with its article.
        advice: what to do.
        is_data: whether the return itself may be in it.
        starts: first bytes, any of which tell it.
        members: names inside a zip, or the type it declares, likewise.
        streams: names of streams in an old office file, likewise.
        extensions: endings of a name that tell it, where its bytes are plain text.
    """

    code: str
    title: str
    advice: str
    is_data: bool = True
    starts: tuple[bytes, ...] = ()
    members: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Two sentences: what the file is, and what to do."""
        return f"This is {self.title}. {self.advice}"


_NO_DATA = (
    "It holds no rows that can be read, so it is no part of a return. "
    "If it was meant as one, send the return itself as CSV, XML or .xlsx."
)

FOREIGN_FORMS: Final = (
    ForeignForm("PDF_DOCUMENT", "a PDF document", _NO_DATA, is_data=False, starts=(b"%PDF",)),
    ForeignForm(
        "WORD_DOCUMENT",
        "a document of a word processor",
        _NO_DATA,
        is_data=False,
        starts=(b"{\\rtf",),
        members=("word/document.xml", "application/vnd.oasis.opendocument.text"),
        streams=("WordDocument",),
    ),
    ForeignForm(
        "PRESENTATION",
        "a presentation",
        _NO_DATA,
        is_data=False,
        members=("ppt/presentation.xml", "application/vnd.oasis.opendocument.presentation"),
        streams=("PowerPoint Document",),
    ),
    ForeignForm(
        "PICTURE",
        "a picture",
        _NO_DATA,
        is_data=False,
        starts=(
            b"\x89PNG",
            b"\xff\xd8\xff",
            b"GIF8",
            b"II*\x00",
            b"MM\x00*",
            b"\x00\x00\x00\x18ftyphei",
            b"\x00\x00\x00\x1cftyphei",
            b"\x00\x00\x00$ftyphei",
        ),
    ),
    ForeignForm(
        "EMAIL",
        "an e-mail",
        "It is no part of a return. If a return is attached to it, save the attachment and send "
        "that.",
        is_data=False,
        streams=("__properties_version1.0",),
        extensions=(".eml", ".msg"),
    ),
    ForeignForm(
        "SHORTCUT",
        "a shortcut to something elsewhere",
        "What it points to did not come with it. Send the file itself.",
        is_data=False,
        starts=(b"L\x00\x00\x00\x01\x14\x02\x00", b"[InternetShortcut]"),
    ),
    ForeignForm(
        "TEXT_NOTE",
        "a note in plain words",
        _NO_DATA,
        is_data=False,
        extensions=(".txt", ".md", ".log"),
    ),
    ForeignForm(
        "OPENDOCUMENT_SHEET",
        "a spreadsheet of LibreOffice or OpenOffice (.ods)",
        _AS_XLSX,
        members=("application/vnd.oasis.opendocument.spreadsheet",),
    ),
    ForeignForm(
        "BINARY_WORKBOOK",
        "an Excel workbook in the binary form (.xlsb)",
        _AS_XLSX,
        members=("xl/workbook.bin",),
    ),
    ForeignForm(
        "OLD_WORKBOOK",
        "an Excel workbook in the form of before 2007 (.xls)",
        _AS_XLSX,
        starts=(b"\x09\x08\x10\x00\x00\x06\x05\x00",),
        streams=("Workbook", "Book"),
    ),
    ForeignForm(
        "NUMBERS_SHEET",
        "a spreadsheet of Apple Numbers",
        "Export it as an Excel workbook (.xlsx) or as CSV, and send that.",
        members=("Index/Document.iwa",),
    ),
    ForeignForm("ARCHIVE_7Z", "a 7-Zip archive (.7z)", _PLAIN, starts=(b"7z\xbc\xaf",)),
    ForeignForm("ARCHIVE_RAR", "a RAR archive (.rar)", _PLAIN, starts=(b"Rar!\x1a\x07",)),
    ForeignForm(
        "ARCHIVE_UNIX",
        "a packed file (.gz, .bz2, .xz or .tar)",
        _PLAIN,
        starts=(b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"(\xb5/\xfd"),
    ),
    ForeignForm(
        "DATABASE",
        "a database file",
        "Export each table of the return as CSV, and send those.",
        starts=(
            b"\x00\x01\x00\x00Standard Jet DB",
            b"\x00\x01\x00\x00Standard ACE DB",
            b"SQLite format 3\x00",
        ),
    ),
    ForeignForm(
        "STATISTICS_FILE",
        "a file of a statistics program",
        "Export the return as CSV, and send that.",
        starts=(b"$FL2", b"$FL3", b"PAR1", b"<stata_dta>"),
    ),
    ForeignForm(
        "PROGRAM", "a program", "It is never opened. Take it away.", starts=(b"\x7fELF", b"MZ")
    ),
    ForeignForm("OLD_OFFICE_FILE", "a file of an old office program", _AS_XLSX, streams=("",)),
)
"""The first that fits counts; the last catches whatever old office file has none of their names."""

NO_DATA: Final = {form.code: form for form in FOREIGN_FORMS if not form.is_data}
"""Forms that never hold a return, by code."""


def form_of_start(head: bytes) -> ForeignForm | None:
    """Return the form that the first bytes of a file tell; None where they tell none."""
    return next((form for form in FOREIGN_FORMS if head.startswith(form.starts)), None)


def form_of_members(names: frozenset[str]) -> ForeignForm | None:
    """Return the form that the names inside a zip tell, its declared type among them."""
    return next((form for form in FOREIGN_FORMS if not names.isdisjoint(form.members)), None)


def form_of_streams(data: bytes) -> ForeignForm:
    """Return the form that an old office file is in, by the names of its streams."""
    return next(form for form in FOREIGN_FORMS if _names_a_stream(form.streams, data))


def form_of_name(name: str) -> ForeignForm | None:
    """Return the form that a name tells of a file which is plain text and no return."""
    extension = PurePosixPath(name).suffix.lower()
    return next((form for form in FOREIGN_FORMS if extension in form.extensions), None)


def _names_a_stream(streams: tuple[str, ...], data: bytes) -> bool:
    return any(_as_stream(name) in data for name in streams)


def _as_stream(name: str) -> bytes:
    """Return a name as the directory of an old office file spells it, end included."""
    return name.encode("utf-16-le") + b"\x00\x00" if name else b""
