"""Local authorities of England: codes, names, regions, and how codes changed.

Source: reference/local_authorities.csv and reference/local_authority_changes.csv (ONS codes, DfE
three-digit codes).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

REFERENCE = Path(__file__).parent / "reference"


@dataclass(frozen=True)
class LocalAuthority:
    """One local authority under one code.

    Attributes:
        la_code: nine-character ONS code.
        old_la_code: three-digit DfE code.
        la_name: official name.
        region_code, region_name: region of England.
        valid_from, valid_to: first and last day of the code; None while it is in use.
    """

    la_code: str
    old_la_code: str
    la_name: str
    region_code: str
    region_name: str
    valid_from: date
    valid_to: date | None

    def holds_on(self, day: date) -> bool:
        """Say whether the code was in use on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class AuthorityChange:
    """One code that gave way to another on a day: a recode, a merger or a split."""

    effective_date: date
    from_la_code: str
    from_la_name: str
    to_la_code: str
    to_old_la_code: str
    to_la_name: str
    change: str


def reference_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of one reference file, every value as text."""
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def authorities() -> dict[str, LocalAuthority]:
    """Return every authority, past and present, by its nine-character code."""
    return {row["new_la_code"]: _authority(row) for row in reference_rows("local_authorities.csv")}


def _authority(row: dict[str, str]) -> LocalAuthority:
    return LocalAuthority(
        la_code=row["new_la_code"],
        old_la_code=row["old_la_code"],
        la_name=row["la_name"],
        region_code=row["region_code"],
        region_name=row["region_name"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
    )


@cache
def changes() -> tuple[AuthorityChange, ...]:
    """Return every change of code, in order of date."""
    rows = reference_rows("local_authority_changes.csv")
    return tuple(
        AuthorityChange(
            effective_date=date.fromisoformat(row["effective_date"]),
            from_la_code=row["from_new_la_code"],
            from_la_name=row["from_la_name"],
            to_la_code=row["to_new_la_code"],
            to_old_la_code=row["to_old_la_code"],
            to_la_name=row["to_la_name"],
            change=row["change"],
        )
        for row in sorted(rows, key=lambda row: row["effective_date"])
    )


def successors(la_code: str) -> tuple[AuthorityChange, ...]:
    """Return the changes by which `la_code` gave way to others; empty when it is in use."""
    return tuple(change for change in changes() if change.from_la_code == la_code)


def lasting_code(la_code: str) -> str:
    """Return the code under which an authority's children are joined over the years.

    A recode of the same body leads to its newest code; an authority that was split or merged keeps
    its own code, because its children cannot be assigned to one successor.
    """
    after = successors(la_code)
    if len(after) == 1 and "recode" in after[0].change:
        return lasting_code(after[0].to_la_code)
    return la_code
