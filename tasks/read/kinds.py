"""What a file is, by its first bytes, and whether its name says the same."""

from __future__ import annotations

import codecs
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path, PurePosixPath

from schemas.errors import UnreadableError
from schemas.foreign_forms import (
    ForeignForm,
    form_of_members,
    form_of_start,
    form_of_streams,
)
from tasks.read.unpack import ZIP_SIGNATURES

HEAD_BYTES = 65_536
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OPENDOCUMENT = "mimetype"
_LONGEST_TYPE = 200
_MARKUP = (b"<!doctype html", b"<html", b"<head", b"<body", b"<table")


class Kind(StrEnum):
    """What the first bytes say a file is."""

    TEXT = "text"
    XML = "XML"
    ZIP = "zip or workbook"
    OLE = "old or protected office file"
    HTML = "web page"
    FOREIGN = "something else"


_BY_EXTENSION = {
    ".csv": Kind.TEXT,
    ".txt": Kind.TEXT,
    ".xml": Kind.XML,
    ".xlsx": Kind.ZIP,
    ".xlsm": Kind.ZIP,
    ".zip": Kind.ZIP,
    ".xls": Kind.OLE,
    ".html": Kind.HTML,
    ".htm": Kind.HTML,
}


def head_of(path: Path) -> bytes:
    """Return the first bytes of a file."""
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def kind_of(head: bytes) -> Kind:
    """Return what the first bytes say a file is."""
    if head[:4] in ZIP_SIGNATURES:
        return Kind.ZIP
    if head.startswith(_OLE):
        return Kind.OLE
    if form_of_start(head) is not None:
        return Kind.FOREIGN
    opening = _opening(head)
    if opening.startswith(_MARKUP):
        return Kind.HTML
    return Kind.XML if opening.startswith(b"<") else Kind.TEXT


def _opening(head: bytes) -> bytes:
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        even = head[: len(head) // 2 * 2]
        return even.decode("utf-16", "ignore").encode("utf-8").lstrip()[:64].lower()
    return head.removeprefix(codecs.BOM_UTF8).lstrip()[:64].lower()


def foreign_form(path: Path, head: bytes) -> ForeignForm | None:
    """Return which form a file is in that we do not read; None when it may be a return."""
    kind = kind_of(head)
    if kind is Kind.OLE:
        return form_of_streams(path.read_bytes())
    if kind is Kind.ZIP:
        return form_of_members(frozenset(_names_inside(path)))
    return form_of_start(head)


def _names_inside(path: Path) -> list[str]:
    """Return the names in a zip and the type it declares; none where it is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if _OPENDOCUMENT in names:
                with archive.open(_OPENDOCUMENT) as member:
                    names.append(member.read(_LONGEST_TYPE).decode("ascii", "replace").strip())
            return names
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError):
        # What is damaged or behind a password is reported as that when it is opened.
        return []


def check_extension(name: str, kind: Kind, form: ForeignForm | None = None) -> None:
    """Refuse a file whose name says it is something its bytes are not.

    Args:
        name: of the file.
        kind: what its first bytes say.
        form: what it is more closely, where we do not read it.

    Raises:
        UnreadableError: TYPE_MISMATCH.
    """
    extension = PurePosixPath(name).suffix.lower()
    said = _BY_EXTENSION.get(extension, kind)
    is_no_return = form is not None and not form.is_data and extension in _BY_EXTENSION
    if said is not kind or is_no_return:
        raise UnreadableError(
            "TYPE_MISMATCH",
            f"{name}: the name ends in {extension} (needs {said}), but the file holds "
            f"{form.title if form else kind}. Save it in the form its name says and send it again.",
        )
