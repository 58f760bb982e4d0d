"""A zip an authority sent, taken apart in memory and never extracted to disk."""

from __future__ import annotations

import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from schemas.errors import UnreadableError
from schemas.foreign_forms import form_of_members
from schemas.limits import Limits
from schemas.litter import is_litter

ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
WORKBOOK_MARKS = ("[content_types].xml", "mimetype")
_ENCRYPTED_FLAG = 0x1
_CHUNK = 1 << 20
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_FIRST_PRINTABLE = 0x20
_DELETE = 0x7F


@dataclass(frozen=True)
class _Member:
    """One file out of a zip: its name inside, folders included, and its bytes."""

    name: str
    data: bytes


def unpacked(path: Path, name: str, limits: Limits) -> tuple[_Member, ...]:
    """Return the files in a zip that is not a workbook, in the order of their names.

    Anything else returns nothing: it is a file to be recognised as it stands.

    Raises:
        UnreadableError: the zip is cut short, unsafe, encrypted or too large.
    """
    if not is_zip(path):
        return ()
    checked_size(path, name, limits)
    try:
        with zipfile.ZipFile(path) as archive:
            infos = checked_members(archive, name, limits)
            if is_workbook(infos):
                return ()
            return tuple(_members(archive, infos, name, limits))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError):
        # Not chained: the library's error may carry the name of a file inside.
        raise damaged(name) from None


def is_zip(path: Path) -> bool:
    """Return whether the file begins as a zip does."""
    with path.open("rb") as file:
        return file.read(4) in ZIP_SIGNATURES


def checked_size(path: Path, name: str, limits: Limits) -> int:
    """Return the size of a file in bytes.

    Raises:
        UnreadableError: the file is larger than any return can be.
    """
    size = path.stat().st_size
    if size > limits.file_bytes:
        raise UnreadableError(
            "FILE_TOO_LARGE",
            f"{name}: the file is too large (at most {limits.file_bytes:,} bytes, found {size:,}). "
            "Send each file of the return by itself, or ask us before sending it again.",
        )
    return size


def is_workbook(infos: list[zipfile.ZipInfo]) -> bool:
    """Return whether a zip is an office document and not an archive of files."""
    names = frozenset(info.filename for info in infos)
    is_foreign = form_of_members(names) is not None
    return is_foreign or any(name.lower() in WORKBOOK_MARKS for name in names)


def damaged(name: str) -> UnreadableError:
    """Return the error for a zip or workbook that does not read to its end."""
    return UnreadableError(
        "ZIP_TRUNCATED",
        f"{name}: the zip or workbook is cut short or damaged. Send it again.",
    )


def checked_members(archive: zipfile.ZipFile, name: str, limits: Limits) -> list[zipfile.ZipInfo]:
    """Return what an archive says it holds, once nothing in that is unsafe.

    Sizes are judged from the directory here and again while the members are read.

    Raises:
        UnreadableError: with the reason.
    """
    infos = archive.infolist()
    if len(infos) > limits.members:
        raise UnreadableError(
            "TOO_MANY_FILES",
            f"{name}: too many files inside (at most {limits.members}, found {len(infos)}). "
            "Send only the files of the return.",
        )
    _check_names(infos, name)
    _check_packing(infos, name)
    _check_sizes(infos, name, limits)
    return infos


def _check_names(infos: list[zipfile.ZipInfo], name: str) -> None:
    if any(_is_unsafe(info) for info in infos):
        raise UnreadableError(
            "ZIP_UNSAFE_NAME",
            f"{name}: a file inside has a name that points outside the zip. "
            "Make the zip again from plain files.",
        )
    seen = [info.filename.casefold() for info in infos]
    if len(set(seen)) != len(seen):
        raise UnreadableError(
            "ZIP_DUPLICATE_MEMBER",
            f"{name}: two files inside have the same name, so it is not clear which one counts. "
            "Send it again with one of each.",
        )


def _is_unsafe(info: zipfile.ZipInfo) -> bool:
    # `orig_filename` is the name before zipfile cut it at a NUL and turned separators round.
    inside = info.orig_filename
    kind = stat.S_IFMT(info.external_attr >> 16)
    return (
        not inside
        or inside.startswith("/")
        or "\\" in inside
        or ":" in inside
        or ".." in PurePosixPath(inside).parts
        or any(ord(c) < _FIRST_PRINTABLE or ord(c) == _DELETE for c in inside)
        or kind not in (0, stat.S_IFREG, stat.S_IFDIR)
    )


def _check_packing(infos: list[zipfile.ZipInfo], name: str) -> None:
    if any(info.flag_bits & _ENCRYPTED_FLAG for info in infos):
        raise encrypted(name)
    if any(info.compress_type not in _PACKINGS for info in infos):
        raise UnreadableError(
            "ZIP_METHOD",
            f"{name}: packed by a method we do not read. Make an ordinary zip.",
        )


def encrypted(name: str) -> UnreadableError:
    """Return the error for anything behind a password."""
    return UnreadableError(
        "ENCRYPTED",
        f"{name}: protected by a password. Remove the password and use the secure transfer route.",
    )


def _check_sizes(infos: list[zipfile.ZipInfo], name: str, limits: Limits) -> None:
    for info in infos:
        is_bomb = (
            info.file_size > limits.ratio_from_bytes
            and info.file_size > limits.ratio * info.compress_size
        )
        if is_bomb or info.file_size > limits.member_bytes:
            raise too_large_unpacked(name, limits)
    if sum(info.file_size for info in infos) > limits.unpacked_bytes:
        raise too_large_unpacked(name, limits)


def too_large_unpacked(name: str, limits: Limits) -> UnreadableError:
    """Return the error for an archive that unpacks to more than any return holds."""
    return UnreadableError(
        "UNPACKED_TOO_LARGE",
        f"{name}: unpacks to more than we take (at most {limits.member_bytes:,} bytes a file, "
        f"{limits.unpacked_bytes:,} together, {limits.ratio} times the packed size). "
        "Send the files of the return alone.",
    )


def _members(
    archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], name: str, limits: Limits
) -> list[_Member]:
    wanted = [info for info in infos if not info.is_dir() and not _is_litter(archive, info)]
    left = limits.unpacked_bytes
    members = []
    for info in sorted(wanted, key=lambda info: info.filename):
        data = read_member(archive, info, name, limits, left)
        if data[:4] in ZIP_SIGNATURES and _holds_no_workbook(data):
            raise UnreadableError(
                "ZIP_NESTED", f"{name}: holds another zip. Put all the files in one zip."
            )
        left -= len(data)
        members.append(_Member(info.filename, data))
    if not members:
        raise UnreadableError("FILE_EMPTY", f"{name}: the zip holds no file. Send it again.")
    return members


def _is_litter(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bool:
    def start() -> bytes:
        with archive.open(info) as member:
            return member.read(4)

    return is_litter(info.filename.split("/"), size=info.file_size, start=start)


def _holds_no_workbook(data: bytes) -> bool:
    return b"[Content_Types].xml" not in data and b"opendocument" not in data


def read_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, limits: Limits, left: int
) -> bytes:
    """Return the bytes of one member, never more than it said it holds or than is `left`.

    Raises:
        UnreadableError: it goes on beyond that.
    """
    cap = min(info.file_size, limits.member_bytes, left)
    parts: list[bytes] = []
    size = 0
    with archive.open(info) as file:
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            if size > cap:
                raise too_large_unpacked(name, limits)
            parts.append(chunk)
    return b"".join(parts)
