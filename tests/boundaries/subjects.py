"""What is changed, which tests should notice, and why some changes need not be noticed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from tests.boundaries.mutants import Mutant, arguments_dropped, calls_dropped, comparisons


@dataclass(frozen=True)
class Subject:
    """One subject.

    Attributes:
        mutants: gives every change to be made.
        tests: the nearest tests, as pytest is given them.
        equivalent: changes no test can or need notice, each with its reason.
    """

    mutants: Callable[[], list[Mutant]]
    tests: tuple[str, ...]
    equivalent: Mapping[str, str] = field(default_factory=dict)


def modules(*folders: str) -> list[str]:
    """Return the modules of folders, by dotted name."""
    files = chain.from_iterable(sorted(Path(folder).glob("*.py")) for folder in folders)
    return [".".join(file.with_suffix("").parts) for file in files if file.stem != "__init__"]


def swaps(*names: str) -> list[Mutant]:
    """Return every swap in the modules."""
    return [one for name in names for one in comparisons(name)]


def unforced() -> list[Mutant]:
    """Return the removal of every call that forces a file, a folder or everything to disk."""
    forcing = ("os.fsync", "os.sync", "sync_folder")
    return [one for name in modules("warehouse") for one in calls_dropped(name, *forcing)]


def undistinguished() -> list[Mutant]:
    """Return the removal of key, domain, authority and identifier from pseudonyms."""
    return [
        *arguments_dropped(
            "warehouse.pseudonyms", "hashlib.blake2b", "key", "domain.encode()[:16]"
        ),
        *arguments_dropped("warehouse.pseudonyms", "pseudonym", "la_code", "identifier"),
    ]


SUBJECTS: Mapping[str, Subject] = {
    "outcomes": Subject(
        mutants=lambda: swaps(*modules("tasks/outcomes", "tasks/histories")),
        tests=(
            "tests/spec/test_definitions.py",
            "tests/unit/tasks/outcomes",
            "tests/unit/tasks/histories",
            "--ignore=tests/unit/tasks/outcomes/test_truth.py",
        ),
        equivalent={
            "tasks.histories.persons.people: latest < 0": (
                "0 is left as it is by either branch: 0 % width is 0"
            ),
            "tasks.histories.persons._months: numbers < 0": (
                "0 is January of the year 0, in which no child was born"
            ),
            "tasks.histories.period._silent: expected < DOUBTFUL_DAYS": (
                "never equal: whole days in 365, times the 90, 91 or 92 of a quarter, are never 8"
            ),
            "tasks.histories.period._silent: expected >= CERTAIN_DAYS": (
                "never equal: whole days in 365, times the 90, 91 or 92 of a quarter, are never 20"
            ),
            "tasks.histories.versions.sorted_places: "
            "math.prod((width for _, width in narrowed)) > _ROOM": (
                "a short cut: packed into one number or not, the order is the same"
            ),
        },
    ),
    "disclosure": Subject(
        mutants=lambda: swaps(*modules("tasks/disclose")),
        tests=("tests/unit/tasks/disclose",),
        equivalent={
            "tasks.disclose.exact._Dual.__init__: np.abs(held) < TOLERANCE": (
                "a price times a sum that is the tolerance to the last bit; either way it holds "
                "no more than rounding does"
            ),
        },
    ),
    "retention": Subject(
        mutants=lambda: swaps("tasks.privacy.retain", "warehouse.retention"),
        tests=("tests/unit/warehouse/test_retention.py",),
    ),
    "forced to disk": Subject(mutants=unforced, tests=("tests/unit/warehouse/test_lasting.py",)),
    "pseudonyms": Subject(
        mutants=undistinguished, tests=("tests/unit/warehouse/test_pseudonyms.py",)
    ),
}
