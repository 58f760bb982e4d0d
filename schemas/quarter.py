"""Financial-year quarters: `2025-26Q1` is April to June 2025."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from schemas.errors import UsageError

_PATTERN = re.compile(r"(\d{4})-(\d{2})Q([1-4])")
_APRIL = 4


@dataclass(frozen=True, order=True)
class Quarter:
    """One quarter of one financial year.

    Attributes:
        year: calendar year in which the financial year begins (2025 for 2025-26).
        number: 1 (April to June) to 4 (January to March).
    """

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Quarter:
        """Return the quarter written as `2025-26Q1`.

        Raises:
            UsageError: the text has another form, or its two years do not follow each other.
        """
        match = _PATTERN.fullmatch(text)
        if match is None or (int(match[1]) + 1) % 100 != int(match[2]):
            raise UsageError(f"{text!r} is not a quarter. Write it as 2025-26Q1 (April-June 2025).")
        return cls(int(match[1]), int(match[3]))

    @classmethod
    def containing(cls, day: date) -> Quarter:
        """Return the quarter that `day` falls in."""
        months = (day.year * 12 + day.month - _APRIL) // 3
        return cls(months // 4, months % 4 + 1)

    @property
    def index(self) -> int:
        """Quarters since the year 0: consecutive quarters differ by one."""
        return self.year * 4 + self.number - 1

    @classmethod
    def from_index(cls, index: int) -> Quarter:
        """Return the quarter whose `index` is given."""
        return cls(index // 4, index % 4 + 1)

    @property
    def start(self) -> date:
        """First day."""
        months = self.year * 12 + _APRIL - 1 + (self.number - 1) * 3
        return date(months // 12, months % 12 + 1, 1)

    @property
    def end(self) -> date:
        """First day after the quarter (not included)."""
        return self.next().start

    @property
    def last_day(self) -> date:
        """Last day, included."""
        return date.fromordinal(self.end.toordinal() - 1)

    @property
    def financial_year(self) -> str:
        """Financial year as `2025-26`."""
        return f"{self.year}-{(self.year + 1) % 100:02d}"

    @property
    def year_start(self) -> date:
        """First day of the financial year: statutory returns are cumulative from here."""
        return date(self.year, _APRIL, 1)

    @property
    def collection_year(self) -> int:
        """Year the statutory collection is named by: the one its 31 March falls in."""
        return self.year + 1

    def next(self) -> Quarter:
        """Return the quarter after this one."""
        return Quarter.from_index(self.index + 1)

    def through(self, last: Quarter) -> Iterator[Quarter]:
        """Yield this quarter and every later one up to `last`, included."""
        return map(Quarter.from_index, range(self.index, last.index + 1))

    def __str__(self) -> str:
        """Return the quarter as `2025-26Q1`."""
        return f"{self.financial_year}Q{self.number}"
