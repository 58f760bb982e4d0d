"""What operating systems and office programs leave alongside files: one list for folder and zip.

Litter holds no row of anybody's. It is recognised by its name, and where a return could have such a
name by its size or first bytes as well, so that no return is ever passed over without an answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_FILES = frozenset(
    {
        ".ds_store",
        ".localized",
        ".directory",
        "icon\r",
        "thumbs.db",
        "thumbs.db:encryptable",
        "ehthumbs.db",
        "ehthumbs_vista.db",
        "desktop.ini",
        ".volumeicon.icns",
        ".apdisk",
    }
)
_FOLDERS = frozenset(
    {
        "__macosx",
        ".appledouble",
        ".documentrevisions-v100",
        ".fseventsd",
        ".spotlight-v100",
        ".temporaryitems",
        ".trashes",
        "$recycle.bin",
        "@eadir",
        "lost+found",
        "system volume information",
    }
)
_OWNER = re.compile(r"~\$.+\.(xls[xmb]?|doc[xm]?|ppt[xm]?|od[st])")
_OWNER_BYTES = 512
"""Excel's owner file has 165 bytes and Word's 162; the smallest workbook has over a thousand."""
_LOCK = re.compile(r"\.~lock\..+#")
_LOCK_BYTES = 2_048
"""LibreOffice writes one line: who has the file open, where and since when."""
_DOUBLE_STARTS = (b"\x00\x05\x16\x07", b"\x00\x05\x16\x00")
"""How files begin in which macOS keeps what its own file system keeps elsewhere."""


def is_litter_folder(name: str) -> bool:
    """Return whether a folder of this name holds only what an operating system put there."""
    return name.casefold() in _FOLDERS


def is_litter(steps: Sequence[str], *, size: int, start: Callable[[], bytes]) -> bool:
    """Return whether a file is litter.

    Args:
        steps: names of the folders above the file, and its own.
        size: of the file, in bytes.
        start: returns its first four bytes; asked only where the name alone does not tell.
    """
    *folders, last = steps
    name = last.casefold()
    if name in _FILES or any(map(is_litter_folder, folders)):
        return True
    if name.startswith("._"):
        return start() in _DOUBLE_STARTS
    is_owner = size <= _OWNER_BYTES and _OWNER.fullmatch(name)
    is_lock = size <= _LOCK_BYTES and _LOCK.fullmatch(name)
    return bool(is_owner or is_lock)
