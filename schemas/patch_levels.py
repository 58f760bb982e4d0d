"""The lowest version of what reads authorities' files that has the fixes that matter here."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from xml.parsers import expat

Version = tuple[int, ...]
LOWEST: Mapping[str, tuple[Version, str]] = {
    "Python 3.11": ((3, 11, 8), "CVE-2024-0450: a small zip that unpacks without end"),
    "Python 3.12": ((3, 12, 2), "CVE-2024-0450: a small zip that unpacks without end"),
    "expat": (
        (2, 6, 3),
        "CVE-2023-52425, CVE-2024-45490, -45491, -45492: XML that takes hours or overflows memory",
    ),
}


def running_versions() -> dict[str, Version]:
    """Return the versions this process runs with, by the names of `LOWEST`."""
    branch = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
    return {branch: tuple(sys.version_info[:3]), "expat": expat.version_info}


def outdated(running: Mapping[str, Version]) -> Iterator[str]:
    """Yield a sentence for everything that runs below its lowest version, naming the fix."""
    for name, (lowest, fixes) in LOWEST.items():
        found = running.get(name, lowest)
        if found < lowest:
            yield (
                f"{name} is {_text(found)} and needs {_text(lowest)} ({fixes}). Update it, unless "
                "your distribution has carried the fixes back."
            )


def _text(version: Version) -> str:
    return ".".join(map(str, version))
