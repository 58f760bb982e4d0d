"""Bytes into text, only where it is certain what was meant, and no text that deceives the eye."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

from schemas.errors import UnreadableError
from schemas.rows import Tolerance

# What a Western European authority's export uses above ASCII in cp1252: euro, ellipsis, curly
# quotes, dashes, pound, degree, middle dot and accented letters. In the other one-byte encodings
# still about, Mac Roman and cp850, the letters lie elsewhere, mostly where this set has gaps.
_CP1252_BYTES = frozenset(
    [0x80, 0x85, 0x91, 0x92, 0x93, 0x94, 0x96, 0x97, 0xA3, 0xB0, 0xB7]
    + [code for code in range(0xC0, 0x100) if code not in (0xD7, 0xF7)]
)
_UTF16_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_UTF32_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_HEAD = 4096

# Control characters but for tab and line ends; C1 controls; soft hyphen; characters that turn the
# reading direction, have no width or fill no place; characters that are none.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000\U000e0001\U000e0080-\U000e0fff]"
)
# Of the unseen characters, those that pictures are joined of: allowed in free text, nowhere else.
JOINING = re.compile("[\u200c\u200d\U000e0020-\U000e007f]")
_FORBIDDEN_ASCII = bytes([*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])
_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True)
class Decoded:
    """A file's text as UTF-8 bytes without mark, and what was done to get there."""

    data: bytes
    tolerances: tuple[Tolerance, ...] = ()


def decoded(data: bytes, name: str) -> Decoded:
    """Return the text of a file as UTF-8, without a byte-order mark.

    UTF-8 is taken as it is. UTF-16 needs its mark. Anything else is cp1252 when every byte above
    ASCII is one that such an export has and nothing in the file is UTF-8.

    Raises:
        UnreadableError: empty, or in no certain encoding; with the first doubtful line.
    """
    check_not_empty(data, name)
    if data.startswith(_UTF32_MARKS):
        raise _unsupported(name, None)
    if data[:2] in _UTF16_MARKS:
        return _from_utf16(data, name)
    body = data.removeprefix(codecs.BOM_UTF8)
    if _looks_like_utf16(body):
        raise _unsupported(name, None)
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return _from_cp1252(body, name, error.start)
    return Decoded(body)


def check_not_empty(head: bytes, name: str) -> None:
    """Refuse a file that holds nothing but a mark and white space.

    Raises:
        UnreadableError: FILE_EMPTY.
    """
    if not head.removeprefix(codecs.BOM_UTF8).strip() or head in _UTF16_MARKS:
        raise UnreadableError(
            "FILE_EMPTY", f"{name}: the file is empty. Send it again with its rows."
        )


def decoded_head(head: bytes, name: str) -> bytes:
    """Return the beginning of a file as UTF-8, good enough to tell headings by.

    Raises:
        UnreadableError: in no encoding that could be read to the end.
    """
    if head.startswith(_UTF32_MARKS) or (head[:2] not in _UTF16_MARKS and _looks_like_utf16(head)):
        raise _unsupported(name, None)
    if head[:2] in _UTF16_MARKS:
        return head[2:].decode(_UTF16_MARKS[head[:2]], "ignore").encode("utf-8", "ignore")
    return head.removeprefix(codecs.BOM_UTF8)


def _from_utf16(data: bytes, name: str) -> Decoded:
    try:
        text = data[2:].decode(_UTF16_MARKS[data[:2]])
    except UnicodeDecodeError:
        # Not chained: the library's error carries the whole file.
        raise _unsupported(name, None) from None
    return _converted(text, name, "UTF-16")


def _from_cp1252(data: bytes, name: str, first_bad: int) -> Decoded:
    high = set(data) - set(range(0x80))
    if not high <= _CP1252_BYTES or _holds_utf8(data):
        raise _unsupported(name, line_of(data, first_bad))
    return _converted(data.decode("cp1252"), name, "Windows-1252")


def _holds_utf8(data: bytes) -> bool:
    """Return whether some character above ASCII is written as UTF-8 writes it."""
    return len(data.decode("utf-8", "ignore").encode("ascii", "ignore")) < len(
        data.decode("utf-8", "ignore").encode("utf-8")
    )


def _converted(text: str, name: str, encoding: str) -> Decoded:
    converted = Tolerance("ENCODING_CONVERTED", name, f"The file is in {encoding}; read as such.")
    return Decoded(text.encode("utf-8"), (converted,))


def _looks_like_utf16(data: bytes) -> bool:
    """Return whether every other byte of the beginning is NUL, as in UTF-16 without its mark."""
    head = data[:_HEAD]
    evens, odds = head[0::2].count(0), head[1::2].count(0)
    return max(evens, odds) * 3 > len(head)


def _unsupported(name: str, row: int | None) -> UnreadableError:
    where = "" if row is None else f", line {row}"
    return UnreadableError(
        "ENCODING_UNSUPPORTED",
        f"{name}{where}: it is not certain which characters are meant. "
        "Save the file as CSV UTF-8 and send it again.",
        row=row,
    )


def line_of(data: bytes, place: int) -> int:
    """Return the number of the line that byte `place` is on, counted from 1."""
    return len(_LINE_END.findall(data[:place])) + 1


def check_characters(data: bytes, name: str) -> None:
    """Refuse text with a character that cannot be seen for what it is.

    Raises:
        UnreadableError: CONTROL_CHARACTER, with the line of the first.
    """
    if data.isascii():
        if len(data.translate(None, _FORBIDDEN_ASCII)) == len(data):
            return
        place = min(data.find(code) for code in _FORBIDDEN_ASCII if code in data)
    else:
        text = data.decode("utf-8")
        found = FORBIDDEN.search(text)
        if found is None:
            return
        place = len(text[: found.start()].encode("utf-8"))
    raise control_character(name, line_of(data, place))


def control_character(name: str, row: int | None) -> UnreadableError:
    """Return the error for a character that cannot be seen for what it is."""
    where = "" if row is None else f", line {row}"
    return UnreadableError(
        "CONTROL_CHARACTER",
        f"{name}{where}: holds an invisible or control character, or one that looks like another. "
        "Retype the cell as plain text and send the file again.",
        row=row,
    )


def is_plain_identifier(text: str) -> bool:
    """Return whether no other spelling of an identifier looks the same as this one.

    Compatibility characters (a full-width digit, a no-break space) and line ends are not plain: two
    spellings of one identifier would become two children.
    """
    return (
        unicodedata.normalize("NFKC", text) == text
        and not JOINING.search(text)
        and not any(c.isspace() and c != " " for c in text)
    )
