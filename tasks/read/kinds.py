"""What a file is, by its first bytes, and whether its name says the same."""

from __future__ import annotations

import codecs
from enum import StrEnum
from pathlib import Path, PurePosixPath

from schemas.errors import UnreadableError
from tasks.read.unpack import ZIP_SIGNATURES

HEAD_BYTES = 65_536
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN = (
    b"%PDF",
    b"\x7fELF",
    b"MZ",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"7z\xbc",
)
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
    if head.startswith(_FOREIGN):
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


def check_extension(name: str, kind: Kind) -> None:
    """Refuse a file whose name says it is something its bytes are not.

    Raises:
        UnreadableError: TYPE_MISMATCH.
    """
    extension = PurePosixPath(name).suffix.lower()
    said = _BY_EXTENSION.get(extension, kind)
    if said is not kind:
        raise UnreadableError(
            "TYPE_MISMATCH",
            f"{name}: the name ends in {extension} (needs {said}), but the file holds {kind}. "
            "Save it in the form its name says and send it again.",
        )
