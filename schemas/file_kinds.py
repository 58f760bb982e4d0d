"""Files as operators see them: where, how many and of what kind, never by name.

A file's name is an authority's own, and may be a child's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

_KINDS = {
    ".csv": ("CSV file", "CSV files"),
    ".xml": ("XML file", "XML files"),
    ".xlsx": ("workbook", "workbooks"),
    ".xlsm": ("workbook", "workbooks"),
    ".xls": ("workbook", "workbooks"),
    ".zip": ("zip file", "zip files"),
    ".part": ("unfinished upload", "unfinished uploads"),
}
_OTHER = ("other file or folder", "other files or folders")
_AUTHORITY = re.compile(r"[A-Z][0-9]{8}")
_QUARTER = re.compile(r"[0-9]{4}-[0-9]{2}Q[1-4]")


def counted_files(found: Iterable[tuple[str, str]]) -> tuple[tuple[str, str, str], ...]:
    """Return what became of files, one row for each place and code, in order.

    Args:
        found: path below the drop folder, and a code for what became of it.

    Returns:
        Place (authority and quarter, as far as the path says them), how many files of each kind
        (empty where the path ends at the place itself), code.
    """
    counts: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    for path, code in found:
        place, name = _place_and_name(path)
        kinds = counts.setdefault((place, code), Counter())
        if name:
            kinds[_kind(name)] += 1
    return tuple((place, _words(kinds), code) for (place, code), kinds in sorted(counts.items()))


def kinds_of(names: Iterable[str]) -> str:
    """Return in words how many files of each kind names are of."""
    return _words(Counter(_kind(name) for name in names))


def _kind(name: str) -> tuple[str, str]:
    return _KINDS.get(PurePosixPath(name).suffix.lower(), _OTHER)


def _place_and_name(path: str) -> tuple[str, str]:
    authority, _, below = path.partition("/")
    known = _AUTHORITY.match(authority)
    if known is None:
        return "drop folder", path
    quarter, _, name = below.partition("/")
    if _QUARTER.fullmatch(quarter) is None:
        return known.group(), below
    return f"{known.group()}/{quarter}", name


def _words(kinds: Counter[tuple[str, str]]) -> str:
    each = (f"{count:,} {one if count == 1 else more}" for (one, more), count in kinds.items())
    return ", ".join(sorted(each))
