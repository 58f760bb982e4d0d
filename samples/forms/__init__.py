"""The forms authorities fill in, one module for each return.

Every module in this folder offers

    def files(occasion: Occasion) -> Iterator[tuple[str, bytes]]

called once for each authority and quarter, in order of time. It yields (file name, bytes); a name
may hold a sub-folder. A module that is put here is called without being named anywhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from samples.history import AuthorityHistory
from samples.seen import Span, year_to_date
from samples.settings import Setting
from schemas.quarter import Quarter

_Files = Callable[["Occasion"], Iterable[tuple[str, bytes]]]


@dataclass(frozen=True)
class Occasion:
    """One authority filling in its forms for one quarter.

    Attributes:
        history: the lives, and in `history.setting` the authority, trial and seed.
        quarter: the quarter reported.
        kept: what a form wishes to keep from quarter to quarter, under its own name.
    """

    history: AuthorityHistory
    quarter: Quarter
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def setting(self) -> Setting:
        """The authority, its trial dates and the seed."""
        return self.history.setting

    @property
    def span(self) -> Span:
        """The financial year to date."""
        return year_to_date(self.quarter)


@cache
def forms() -> dict[str, _Files]:
    """Return every form by the name of its module, in order of name."""
    names = sorted(module.name for module in iter_modules(__path__))
    return {name: import_module(f"{__name__}.{name}").files for name in names}


def all_files(
    occasion: Occasion, is_sent: Callable[[str], bool] = lambda _: True
) -> Iterator[tuple[str, bytes]]:
    """Yield every file for one authority and quarter, of every form whose return is sent."""
    for name, fill_in in forms().items():
        if is_sent(name):
            yield from fill_in(occasion)
